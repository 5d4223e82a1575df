%% @doc A registry with many packages, in a process of its own.
%%
%% Publishing 20,000 packages takes minutes, for each is on the disk before it is acknowledged. So a few
%% releases of one package are published, the registry is stopped, and its database is told to hold the
%% same package under many names, in one transaction. All share the tarballs of the first.
-module(hexide_bench_crowd).

-export([start/2, stop/1]).

-export_type([crowd/0]).

-type crowd() :: #{peer := hexide_bench_peer:peer(), pid := string(), url := string(), count := pos_integer(),
                   config := hexide_bench_peer:registry()}.
%% `pid': its number among the processes of the system. The packages are `package_0' to `package_(count - 1)'.

-define(VERSIONS, ["1.0.0", "1.1.0", "1.1.1", "2.0.0-rc.1", "2.0.0"]).

%% @doc Starts one in that folder, which is made, with that many packages.
-spec start(file:filename(), pos_integer()) -> {ok, crowd()} | {skip, string()}.
start(Folder, Count) ->
    ok = filelib:ensure_dir(filename:join(Folder, "any")),
    Peer = hexide_bench_peer:start(),
    Options = #{data_dir => unicode:characters_to_binary(Folder), user => <<"first">>,
                packages => [{"package_0", Version} || Version <- ?VERSIONS]},
    case hexide_bench_peer:call(Peer, fun() -> published(Options) end) of
        ok -> filled(Peer, Folder, Count);
        {error, Reason} -> throw({stop, io_lib:format("the registry does not start: ~tP", [Reason, 20])})
    end.

filled(Peer, Folder, Count) ->
    case multiply(filename:join(Folder, "registry.db"), Count) of
        ok ->
            {ok, Url, Config, Program} = hexide_bench_peer:call(Peer, fun() -> opened(Folder) end),
            ok = compare(Config, Count),
            {ok, #{peer => Peer, pid => Program, url => unicode:characters_to_list(Url),
                   config => Config, count => Count}};
        {error, Said} ->
            skipped(Peer, "sqlite3 does not fill the registry: " ++ string:trim(Said))
    end.

skipped(Peer, Why) ->
    ok = hexide_bench_peer:stop(Peer),
    {skip, Why}.

%% @doc Stops it; its folder stays.
-spec stop(crowd()) -> ok.
stop(#{peer := Peer}) ->
    hexide_bench_peer:stop(Peer).

published(Options) ->
    %% Its address would be told on the channel between the nodes.
    ok = logger:set_primary_config(level, none),
    case hexide_trial:start(Options) of
        {ok, Trial} -> hexide_trial:stop(Trial);
        {error, _} = Error -> Error
    end.

opened(Folder) ->
    Options = #{data_dir => unicode:characters_to_binary(Folder), user => <<"second">>},
    {ok, #{server := Server, key := Key, config := Config, info := #{url := Url}}} = hexide_trial:start(Options),
    #{port := Port} = sys:get_state(Server),
    {os_pid, Program} = erlang:port_info(Port, os_pid),
    {ok, Url, Config#{api_key := Key}, integer_to_list(Program)}.

multiply(Database, Count) ->
    Sql = Database ++ ".sql",
    ok = file:write_file(Sql, sql(integer_to_list(Count - 1))),
    case os:cmd("sqlite3 '" ++ Database ++ "' < '" ++ Sql ++ "' 2>&1") of
        "" -> file:delete(Sql);
        %% One that is older than the kind of tables, for example.
        Said -> {error, Said}
    end.

sql(Others) ->
    ["BEGIN;
      CREATE TEMP TABLE others AS WITH RECURSIVE numbers (number) AS
          (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ", Others, ")
          SELECT number FROM numbers;
      INSERT INTO packages (id, repository_id, name, meta, generation, inserted_at, updated_at)
          SELECT id + number, repository_id, 'package_' || number, meta, generation, inserted_at + number,
                 updated_at + number FROM packages, others WHERE id = 1;
      INSERT INTO owners (package_id, user_id, level, position)
          SELECT package_id + number, user_id, level, position FROM owners, others WHERE package_id = 1;
      INSERT INTO releases (package_id, version, app, build_tools, elixir, meta, inner_checksum, outer_checksum,
                            blob, publisher_id, inserted_at, updated_at)
          SELECT package_id + number, version, app, build_tools, elixir, meta, inner_checksum, outer_checksum,
                 blob, publisher_id, inserted_at, updated_at FROM others, releases WHERE package_id = 1;
      COMMIT;\n"].

%% What it serves must be what it was told to hold.
compare(#{repo_public_key := _} = Config, Count) ->
    {ok, #{packages := Packages}} = hexide_repo:versions(maps:remove(api_key, Config)),
    Numbers = lists:seq(0, Count - 1),
    Expected = lists:sort([iolist_to_binary(["package_", integer_to_list(Number)]) || Number <- Numbers]),
    Versions = [list_to_binary(Version) || Version <- ?VERSIONS],
    [Name || #{name := Name, versions := Found} <- Packages, Found =:= Versions] =:= Expected
        orelse throw({stop, "the registry does not serve the packages that it was filled with"}),
    ok.
