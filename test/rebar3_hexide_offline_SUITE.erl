%% @doc Without a network, by real rebar3: what an earlier run has cached answers and says its age, everything else is
%% refused at once.
-module(rebar3_hexide_offline_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([what_was_read_once_is_there_without_the_registry/1, json_says_when_the_oldest_reply_was_fetched/1,
         what_was_never_read_is_an_error_of_the_network/1, a_change_is_refused_before_anything_is_asked/1,
         what_was_read_signed_in_is_there_for_that_login_alone/1, the_cache_is_where_it_is_configured/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, hex/4, run/4, has/2, hasnt/2]).

-define(OFFLINE, [{"HEX_OFFLINE", "1"}]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [what_was_read_once_is_there_without_the_registry, json_says_when_the_oldest_reply_was_fetched,
     what_was_never_read_is_an_error_of_the_network, a_change_is_refused_before_anything_is_asked,
     what_was_read_signed_in_is_there_for_that_login_alone, the_cache_is_where_it_is_configured].

%% Everything is read once, anonymously and by amy, then the registry is stopped. The project's first repository
%% does not have what the second has.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "offline") of
        {ok, Started} ->
            {Empty, EmptyRepo, _, _} = registry(<<"empty">>),
            {Server, Repo, Settings, Key} = registry(<<"local">>),
            [ok = publish(Settings#{api_key => Key}, Version) || Version <- ["1.0.0", "1.1.0"]],
            Project = filename:join(proplists:get_value(base, Started), "project"),
            ok = app(Project, "project", "0.1.0", ["alpha"]),
            ok = write(Project, "rebar.config",
                       ["{project_plugins, [hexide]}.\n{deps, [{alpha, \"1.0.0\"}]}.\n",
                        "{hex, [{repos, replace, [", EmptyRepo, ", ", Repo, "]}]}.\n"]),
            ok = plugin(Started, Project),
            {0, _, _} = run(Started, Project, "rebar3", ["lock"]),
            Ready = [{project, Project}, {key, [{"HEX_API_KEY", binary_to_list(Key)}]} | Started],
            Online = [begin {0, Out, Said} = hex(Ready, project, Args), hasnt(Said, "Offline"), {Args, Out} end
                      || Args <- reads()],
            {0, _, _} = hex(Ready, project, ["info", "alpha", "1.1.0", "--repo", "local"],
                            proplists:get_value(key, Ready)),
            {0, _, _} = hex(Ready, project, ["package", "fetch", "alpha", "1.1.0", "--repo", "local", "--output",
                                             "first"]),
            [ok = hexide_server:stop(Each) || Each <- [Empty, Server]],
            [{online, Online} | Ready];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> ok.
end_per_suite(_) ->
    ok.

reads() ->
    [["search", "alpha", "--repo", "local"], ["info", "alpha", "--repo", "local"],
     ["info", "alpha", "1.0.0", "--repo", "local"], ["owner", "list", "alpha", "--repo", "local"],
     ["outdated"], ["package", "diff", "alpha", "1.0.0", "1.1.0", "--repo", "local"]].

-spec what_was_read_once_is_there_without_the_registry([tuple()]) -> term().
what_was_read_once_is_there_without_the_registry(Config) ->
    [begin
         {0, Out, Said} = hex(Config, project, Args, ?OFFLINE),
         ?assertEqual(Before, Out),
         %% Once, however many replies it took.
         ?assertMatch([_, _], string:split(Said, "Offline: what follows was fetched ", all)),
         {match, _} = re:run(Said, "ago|just now"),
         {match, _} = re:run(Said, "\\(20\\d\\d-\\d\\d-\\d\\dT[\\d:]+Z\\)")
     end || {Args, Before} <- proplists:get_value(online, Config)],
    {0, _, _} = hex(Config, project, ["package", "fetch", "alpha", "1.1.0", "--repo", "local", "--output", "again"],
                    ?OFFLINE),
    [{ok, First}, {ok, First}] = [file:read_file(filename:join([proplists:get_value(project, Config), Folder,
                                                                "alpha-1.1.0.tar"])) || Folder <- ["first", "again"]],
    %% The registry is really gone.
    {3, <<>>, Unreachable} = hex(Config, project, ["search", "alpha", "--repo", "local"]),
    has(Unreachable, "no connection could be made").

-spec json_says_when_the_oldest_reply_was_fetched([tuple()]) -> term().
json_says_when_the_oldest_reply_was_fetched(Config) ->
    {0, Json, Said} = hex(Config, project, ["info", "alpha", "--repo", "local", "--json"], ?OFFLINE),
    {match, [At]} = re:run(Json, "\"cached_at\": \"([^\"]+)\"", [{capture, all_but_first, binary}]),
    has(Said, At),
    {0, _, Debug} = hex(Config, project, ["info", "alpha", "--repo", "local"], [{"DEBUG", "1"} | ?OFFLINE]),
    has(Debug, <<" cached_at=", At/binary>>),
    has(Debug, "hexide::http method=GET ").

-spec what_was_never_read_is_an_error_of_the_network([tuple()]) -> term().
what_was_never_read_is_an_error_of_the_network(Config) ->
    {3, <<>>, Said} = hex(Config, project, ["info", "cowboy", "--repo", "local"], ?OFFLINE),
    has(Said, "/api/packages/cowboy would have to be asked, but offline is set and nothing of it is cached."),
    has(Said, "Unset HEX_OFFLINE"),
    hasnt(Said, "what follows"),
    {3, Json, _} = hex(Config, project, ["search", "beta", "--repo", "local", "--json"], ?OFFLINE),
    has(Json, "\"code\": \"offline\"").

-spec a_change_is_refused_before_anything_is_asked([tuple()]) -> term().
a_change_is_refused_before_anything_is_asked(Config) ->
    Signed = proplists:get_value(key, Config) ++ ?OFFLINE,
    [begin
         {3, <<>>, Said} = hex(Config, project, Args ++ ["--repo", "local"], Signed),
         has(Said, "he registry local (http://127.0.0.1:"),
         has(Said, ") would have to be asked, but offline is set; nothing was changed."),
         %% Nobody is there to answer, so a question would have been an error of its own.
         hasnt(Said, "nobody to ask")
     end || Args <- [["publish"], ["publish", "--revert", "0.1.0"], ["owner", "add", "alpha", "joe"],
                     ["owner", "remove", "alpha", "joe"], ["retire", "alpha", "1.0.0", "invalid"],
                     ["key", "list"], ["key", "remove", "--all"], ["user", "whoami"], ["user", "auth"],
                     ["user", "register"], ["user", "reset_password"], ["cut", "-i", "patch"],
                     ["organization", "members", "remove", "acme", "joe"]]].

-spec what_was_read_signed_in_is_there_for_that_login_alone([tuple()]) -> term().
what_was_read_signed_in_is_there_for_that_login_alone(Config) ->
    Info = ["info", "alpha", "1.1.0", "--repo", "local"],
    {0, _, Said} = hex(Config, project, Info, proplists:get_value(key, Config) ++ ?OFFLINE),
    has(Said, "Offline: what follows"),
    [{3, <<>>, _} = hex(Config, project, Info, Others ++ ?OFFLINE)
     || Others <- [[], [{"HEX_API_KEY", "0123456789abcdef0123456789abcdef"}]]].

-spec the_cache_is_where_it_is_configured([tuple()]) -> term().
the_cache_is_where_it_is_configured(Config) ->
    Default = filename:join([proplists:get_value(base, Config), "home", "cache", "hexide"]),
    {0, Out, _} = hex(Config, project, ["config", "cache_dir", "--repo", "local"], ?OFFLINE),
    ?assertEqual(list_to_binary(Default), string:trim(Out)),
    {ok, Names} = file:list_dir(filename:join(Default, "replies-1")),
    ?assert(length(Names) > 5),
    Elsewhere = [{"HEX_CACHE_DIR", filename:join(proplists:get_value(base, Config), "elsewhere")} | ?OFFLINE],
    {3, <<>>, _} = hex(Config, project, ["info", "alpha", "--repo", "local"], Elsewhere).

%% --- helpers

registry(Name) ->
    {ok, Server} = hexide_server:start_link(#{repository => Name}),
    true = unlink(Server),
    {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    Pem = string:replace(string:trim(Public), "\n", "\\n", all),
    {Server, ["#{name => <<\"", Name, "\">>, repo_url => <<\"", Repo, "\">>, api_url => <<\"", Api,
              "\">>, repo_public_key => <<\"", Pem, "\">>}"],
     #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => Name}, Key}.

publish(Config, Version) ->
    File = "src/alpha.app.src",
    Text = iolist_to_binary(["{application, alpha, [{vsn, \"", Version, "\"}, {applications, [kernel, stdlib]}]}.\n"]),
    Metadata = #{<<"name">> => <<"alpha">>, <<"version">> => list_to_binary(Version), <<"app">> => <<"alpha">>,
                 <<"description">> => <<"A package">>, <<"licenses">> => [<<"MIT">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}, <<"files">> => [list_to_binary(File)]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{File, Text}]),
    {ok, _} = hexide_release:publish(Config, Tarball),
    ok.
