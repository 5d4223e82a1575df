%% @doc Rows about memory: how much more a process of its own needs at its peak than when it has just loaded
%% everything and is idle.
-module(hexide_bench_memory).

-export([rows/0]).

%% As much as the reference, and hexide by default, let documentation inflate to; the headers of the archive count.
-define(DOCS, 126_000_000).
-define(PAGE, 8_000).
-define(PACKAGES, 300).
-define(BYTES, 80_000).
-define(MOST, 32).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => Name, measure => fun(Folder, _) -> measure(Name, Folder, Publish) end}
     || {Name, Publish} <- [{"peak above idle: docs of 128 MiB to disk", fun docs/1},
                            {"peak above idle: 300 packages to disk", fun packages/1}]].

%% `Publish' gives what each of both does, given a folder to fill.
measure(Name, Folder, Publish) ->
    Server = hexide_bench_peer:start(),
    try os:type() of
        {unix, linux} ->
            {Ours, Theirs} = Publish(hexide_bench_peer:registry(Server)),
            {OursFiles, OursPeak} = peak(Folder, Ours),
            {TheirsFiles, TheirsPeak} = peak(Folder, Theirs),
            OursFiles =:= TheirsFiles
                orelse throw({stop, [Name, ": hexide and the reference implementation do not write the same"]}),
            {ok, [#{name => Name, unit => mib, limit => {at_most, ?MOST}, ours => OursPeak, theirs => TheirsPeak}]};
        _ ->
            {skip, "peaks of memory are read from Linux's /proc"}
    after
        hexide_bench_peer:stop(Server)
    end.

docs(Registry) ->
    [Small, Large] = hexide_bench_fetch:publish(Registry, 2, 100),
    {ok, Tiny} = hexide_tarball:create_docs([{"index.html", <<"<html></html>">>}]),
    {ok, Tarball} = hexide_tarball:create_docs(hexide_bench_html:pages(?DOCS, ?PAGE)),
    {ok, _} = document(Registry, Small, Tiny),
    {ok, _} = document(Registry, Large, Tarball),
    Ours = maps:remove(api_key, Registry),
    Theirs = maps:merge(hexide_bench_reference:limitless(), Ours),
    {{fun(Folder) -> our_docs(Ours, Small, Folder) end, fun(Folder) -> our_docs(Ours, Large, Folder) end},
     {fun(Folder) -> their_docs(Theirs, Small, Folder) end, fun(Folder) -> their_docs(Theirs, Large, Folder) end}}.

our_docs(Config, {Name, Version, _}, Folder) ->
    {ok, Tarball} = hexide_docs:fetch(Config, Name, Version),
    ok = hexide_tarball:unpack_docs(Tarball, {dir, Folder}).

%% Not all versions of it have a function that fetches documentation.
their_docs(#{repo_url := Url} = Config, {Name, Version, _}, Folder) ->
    Address = <<Url/binary, "/docs/", Name/binary, "-", Version/binary, ".tar.gz">>,
    {ok, {200, _, Tarball}} = r3_hex_http:request(Config, get, Address, #{}, undefined),
    ok = r3_hex_tarball:unpack_docs(Tarball, Folder, Config).

packages(Registry) ->
    [First | _] = Items = hexide_bench_fetch:publish(Registry, ?PACKAGES, ?BYTES),
    Ours = maps:remove(api_key, Registry),
    Theirs = maps:merge(hexide_bench_reference:config(), Ours),
    {{fun(Folder) -> our_packages(Ours, [First], Folder) end, fun(Folder) -> our_packages(Ours, Items, Folder) end},
     {fun(Folder) -> their_packages(Theirs, [First], Folder) end,
      fun(Folder) -> their_packages(Theirs, Items, Folder) end}}.

document(Registry, {Name, Version, _}, Tarball) ->
    hexide_docs:publish(Registry, Name, Version, Tarball).

our_packages(Config, Items, Folder) ->
    {ok, Fetched} = hexide_repo:fetch_many(Config, Items, #{to => {dir, Folder}, unpack => true}),
    [] = [Failed || {error, Failed} <- Fetched],
    ok.

their_packages(Config, Items, Folder) ->
    lists:foreach(fun({Name, Version, Checksum}) ->
                      {ok, {200, _, Tarball}} = r3_hex_repo:get_tarball(Config, Name, Version),
                      Into = filename:join(Folder, <<Name/binary, "-", Version/binary>>),
                      ok = filelib:ensure_path(Into),
                      {ok, #{outer_checksum := Outer}} = r3_hex_tarball:unpack(Tarball, binary_to_list(Into), Config),
                      Outer = binary:decode_hex(Checksum)
                  end, Items).

%% The peak in MiB, and what was written. Something small of the same kind loads what is needed.
peak(Folder, {Small, Large}) ->
    Peer = hexide_bench_peer:start(),
    try
        Above = hexide_bench_peer:call(Peer, fun() -> above_idle(Folder, Small, Large) end),
        {tree(filename:join(Folder, "large")), Above / 1024}
    after
        hexide_bench_peer:stop(Peer),
        file:del_dir_r(Folder)
    end.

above_idle(Folder, Small, Large) ->
    _ = [{ok, _} = application:ensure_all_started(Each) || Each <- [ssl, inets]],
    _ = Small(filename:join(Folder, "small")),
    _ = [erlang:garbage_collect(Each) || Each <- processes()],
    %% The peak starts anew (proc_pid_clear_refs(5)).
    ok = file:write_file("/proc/self/clear_refs", "5"),
    Idle = status(<<"VmRSS">>),
    _ = Large(filename:join(Folder, "large")),
    status(<<"VmHWM">>) - Idle.

%% In KiB.
status(Key) ->
    {ok, Status} = file:read_file("/proc/self/status"),
    {match, [Number]} = re:run(Status, [Key, ":\\s+(\\d+) kB"], [{capture, all_but_first, binary}]),
    binary_to_integer(Number).

%% The metadata beside the files is each one's own rendering.
tree(Folder) ->
    Files = [File || File <- filelib:wildcard("**", Folder), filelib:is_regular(filename:join(Folder, File)),
                     filename:basename(File) =/= "hex_metadata.config"],
    [{File, erlang:md5(element(2, file:read_file(filename:join(Folder, File))))} || File <- lists:sort(Files)].
