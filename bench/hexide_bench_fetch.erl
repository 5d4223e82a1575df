%% @doc Rows about fetching many packages at once, from a registry in another process.
-module(hexide_bench_fetch).

-export([rows/0, fetching/2, publish/3]).

-export_type([item/0]).

-type item() :: {Name :: binary(), Version :: binary(), OuterChecksum :: binary()}.

-define(PACKAGES, 300).
-define(PROCESSES, 8).
%% What does not compress, so that a tarball has 84 kB.
-define(BYTES, 80_000).
-define(PUBLISHERS, 8).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "300 packages, the reference one by one", unit => ms, limit => 4,
       within => {"300 packages, by curl's time", 1.3}, open => fun one_by_one/1},
     #{name => "300 packages, the reference in 8 processes", unit => ms, limit => 2, open => fun at_once/1}].

%% @doc The work of fetching so many packages to memory.
-spec fetching(file:filename(), pos_integer()) -> hexide_bench_row:opened(hexide_bench_row:work()).
fetching(Folder, Packages) ->
    work(Packages, Folder, fun theirs/2, #{}).

one_by_one(Folder) ->
    work(?PACKAGES, Folder, fun theirs/2, #{floor => true}).

at_once(Folder) ->
    Theirs = fun(Items, Config) -> parallel(?PROCESSES, fun(Each) -> theirs(Each, Config) end, Items) end,
    work(?PACKAGES, Folder, Theirs, #{}).

work(Packages, Folder, Theirs, Wanted) ->
    Peer = hexide_bench_peer:start(),
    Registry = hexide_bench_peer:registry(Peer),
    Items = publish(Registry, Packages, ?BYTES),
    Ours = maps:remove(api_key, Registry),
    Config = maps:merge(hexide_bench_reference:config(), Ours),
    Floor = maps:from_list([{floor, {"curl --parallel", curl(Folder, Ours, Items)}}
                            || is_map_key(floor, Wanted), os:find_executable("curl") =/= false]),
    {ok, Floor#{ours => fun(_) -> ours(Items, Ours) end,
                theirs => fun(_) -> Theirs(Items, Config) end,
                look => fun(_, Unpacked) -> [erlang:md5(term_to_binary(lists:sort(Each))) || Each <- Unpacked] end,
                same => fun(One, Other) -> One =:= Other end,
                close => fun() -> hexide_bench_peer:stop(Peer), file:delete(Folder) end}}.

%% A lock file has the checksums.
ours(Items, Config) ->
    {ok, Fetched} = hexide_repo:fetch_many(Config, Items, #{unpack => true}),
    [[{unicode:characters_to_list(Path), Content} || {Path, Content, _} <- Files]
     || {ok, #{files := Files}} <- Fetched].

theirs(Items, Config) ->
    [begin
         {ok, {200, _, Tarball}} = r3_hex_repo:get_tarball(Config, Name, Version),
         {ok, #{outer_checksum := Outer, contents := Contents}} = r3_hex_tarball:unpack(Tarball, memory, Config),
         Outer = binary:decode_hex(Checksum),
         Contents
     end || {Name, Version, Checksum} <- Items].

%% Nothing is verified, nothing unpacked, nothing kept.
curl(Folder, #{repo_url := Url}, Items) ->
    Lines = [["url = \"", Url, "/tarballs/", Name, "-", Version, ".tar\"\noutput = \"/dev/null\"\n"]
             || {Name, Version, _} <- Items],
    ok = file:write_file(Folder, Lines),
    Command = "curl --no-progress-meter --fail --parallel --parallel-max 50 --config '" ++ Folder ++ "' 2>&1",
    fun(_) -> "" = os:cmd(Command) end.

%% @doc Publishes that many packages with so many bytes that do not compress; what a lock file has of them.
-spec publish(hexide_bench_peer:registry(), pos_integer(), pos_integer()) -> [item()].
publish(Registry, Packages, Bytes) ->
    parallel(?PUBLISHERS, fun(Numbers) -> [publish_one(Registry, Each, Bytes) || Each <- Numbers] end,
             lists:seq(1, Packages)).

publish_one(Registry, Number, Bytes) ->
    Name = iolist_to_binary(io_lib:format("sample_~6..0b", [Number])),
    {Noise, _} = rand:bytes_s(Bytes, rand:seed_s(exsss, Number)),
    Files = [{<<"src/", Name/binary, ".erl">>, <<"-module(", Name/binary, ").\n">>}, {<<"priv/data">>, Noise}],
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => <<"1.0.0">>,
                 <<"description">> => <<"A package to fetch">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}, <<"links">> => #{},
                 <<"files">> => [Path || {Path, _} <- Files]},
    {ok, #{tarball := Tarball, outer_checksum := Checksum}} = hexide_tarball:create(Metadata, Files),
    {ok, _} = hexide_release:publish(Registry, Tarball, #{}),
    {Name, <<"1.0.0">>, Checksum}.

%% In so many processes, each with its share; the answers in order.
parallel(Processes, Do, Items) ->
    Share = (length(Items) + Processes - 1) div Processes,
    Started = [spawn_monitor(fun() -> exit({gave, Do(Each)}) end) || Each <- shares(Share, Items)],
    lists:append([receive {'DOWN', Monitor, process, Pid, {gave, Part}} -> Part end || {Pid, Monitor} <- Started]).

shares(_, []) -> [];
shares(Share, Items) when length(Items) =< Share -> [Items];
shares(Share, Items) ->
    {First, Rest} = lists:split(Share, Items),
    [First | shares(Share, Rest)].
