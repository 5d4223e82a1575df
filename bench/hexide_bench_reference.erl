%% @doc The reference implementation: the `r3_hex_*' modules that every rebar3 carries.
-module(hexide_bench_reference).

-export([load/1, config/0, limitless/0]).

%% @doc Unpacks the modules into that folder, puts them on the code path, and says where they came from.
-spec load(file:filename()) -> string().
load(Folder) ->
    Rebar3 = case os:find_executable("rebar3") of
                 false -> throw({stop, "rebar3 is needed: it carries the implementation to compare with"});
                 Found -> Found
             end,
    Archive = case escript:extract(Rebar3, []) of
                  {ok, Sections} -> proplists:get_value(archive, Sections, undefined);
                  {error, _} -> undefined
              end,
    is_binary(Archive) orelse throw({stop, [Rebar3, " is no escript; put the rebar3 escript itself into PATH"]}),
    {ok, _} = zip:extract(Archive, [{cwd, Folder}, {file_filter, fun wanted/1}]),
    true = code:add_patha(filename:join([Folder, "rebar", "ebin"])),
    _ = [{ok, _} = application:ensure_all_started(Each) || Each <- [ssl, inets]],
    {ok, [{application, rebar, About}]} = file:consult(filename:join([Folder, "rebar", "ebin", "rebar.app"])),
    "reference: r3_hex_* of rebar3 " ++ proplists:get_value(vsn, About).

wanted(File) ->
    Name = element(2, File),
    lists:any(fun(Prefix) -> lists:prefix("rebar/ebin/" ++ Prefix, Name) end, ["r3_", "rebar.app"]).

%% @doc Its own defaults.
-spec config() -> map().
config() ->
    r3_hex_core:default_config().

%% @doc The same without limits on sizes, as its versions differ in what they let documentation have.
-spec limitless() -> map().
limitless() ->
    maps:merge(config(), maps:from_keys([tarball_max_size, tarball_max_uncompressed_size, docs_tarball_max_size,
                                         docs_tarball_max_uncompressed_size], infinity)).
