%% After commands that fail and crash, and with files that are damaged, no secret stands in an error, an
%% exception, a log or a crash report; and what is written is for its owner alone. `hexide_leak_SUITE' does
%% the same for the API.
-module(hexide_leak_command_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([commands_that_crash_show_none/1, no_damaged_file_shows/1, files_are_for_their_owner_alone/1]).
-export([write_files/2]).

-import(leak_trial, [marks/1, resolved/2, context/2, command/1, peer/2, trial/2, find/2, none/1]).

-define(DEADLINE, 60_000).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [commands_that_crash_show_none, no_damaged_file_shows, files_are_for_their_owner_alone].

init_per_suite(Config) ->
    leak_trial:prepare(Config).

end_per_suite(_) ->
    leak_trial:finish().

init_per_testcase(Case, Config) ->
    leak_trial:folder(Case, Config).

%% --- commands

commands_that_crash_show_none(Config) ->
    Marks = marks(Config),
    Peer = hostile_registry:start(hostile_registry:echo(401, message)),
    Settings = resolved(Config, hostile_registry:url(Peer)),
    Whole = context(Config, Settings),
    none([trial({hexide_command, run, [Command, Context, Options]}, Marks)
          || Context <- contexts(Whole, maps:get(password, Marks)), {Command, Options} <- command_lines(Marks)]),
    hostile_registry:stop(Peer).

contexts(#{config := Settings} = Whole, Mark) ->
    %% Sealing takes its time, so only the first seals.
    Quick = Whole#{ask := fun(_) -> {ok, <<>>} end},
    [Whole, Quick#{config := Settings#{api_key := undefined}}]
        ++ [maps:remove(Key, Quick) || Key <- maps:keys(Quick)]
        ++ [Quick#{Key => Wrong} || Key <- maps:keys(Quick),
                                    Wrong <- [bad, fun(_) -> {ok, {Mark}} end, fun(_) -> error({bad, Mark}, [Mark]) end]].

command_lines(#{token := Mark}) ->
    Words = [["user", "auth"], ["user", "register"], ["user", "whoami"], ["user", "deauth"], ["key", "list"],
             ["key", "generate", "ci"], ["organization", "auth", "acme"], ["organization", "list"], ["config"],
             ["config", "api_key", Mark], ["config", "repo_key", Mark], ["config", "api_otp", Mark],
             ["config", "https_proxy", <<"http://joe:", Mark/binary, "@host">>],
             ["config", "https_proxy", <<"http://joe:", Mark/binary, "/@host">>],
             ["config", "http_proxy", <<"http://joe:@", Mark/binary, "@host">>],
             ["config", "api_url", <<"http://joe:", Mark/binary, "@host">>], ["config", "timeout", Mark],
             ["config", "api_key"], ["config", "--", "api_key", Mark, Mark], ["search", "x"], ["info"], ["publish"],
             ["docs"], ["build"], ["cut"], ["retire", "pa", "1.0.0", "other"], ["owner", "list", "pa"]],
    [{command(Name), Options#{args => [iolist_to_binary(Arg) || Arg <- Args]}}
     || [Name | Args] <- Words, Options <- [#{key => Mark, otp => Mark, yes => true, username => <<"joe">>,
                                                   email => <<"joe@example.com">>, message => <<"why">>}]].

%% --- files

no_damaged_file_shows(Config) ->
    #{access_token := Mark} = Marks = marks(Config),
    #{config := Settings} = Whole = context(Config, resolved(Config, <<"http://127.0.0.1:1">>)),
    Context = Whole#{config := Settings#{api_key := undefined}},
    #{user_file := File} = Context,
    Session = ["#{<<\"$hexide:local\">> => #{api_url => <<\"http://127.0.0.1:1\">>, session => #{access_token => "],
    Texts = [["#{<<\"local\">> => ", Mark], ["#{<<\"local\">> => #{api_key => <<\"", Mark, "}}."], [Mark, "."],
             ["#{", Mark, " => <<\"", Mark, "\">>}}."], ["#{<<\"x\">> => <<\"", Mark, "\\"], ["'", Mark], ["\"", Mark],
             ["#{<<\"local\">> => #{api_key => \"", Mark, "\"}}."], ["<<\"", Mark, "\">>."], [Mark, "#{}."],
             ["#{<<\"local\">> => #{repo_key => {\"", Mark, "\"}, api_url => \"", Mark, "\", write_key => <<\"", Mark, "\">>}}."],
             ["#{<<\"local\">> => \"", Mark, "\", <<\"$hexide:local\">> => \"", Mark, "\"}."],
             [Session, "\"", Mark, "\", expires_at => 99999999999}}}."], [Session, "<<\"", Mark, "\">>, expires_at => <<\"", Mark, "\">>}}}."],
             [Session, "{\"", Mark, "\"}, refresh_token => [\"", Mark, "\"], expires_at => 0}}}."],
             [Session, "<<\"", Mark, "\">>, refresh_token => {\"", Mark, "\"}, expires_at => 0}}}."],
             [Session, "<<\"", Mark, "\">>, refresh_token => #{kdf => \"", Mark, "\"}, expires_at => 0}}}."]],
    ok = filelib:ensure_dir(File),
    [begin
         ok = file:write_file(File, Text),
         Calls = [{hexide_user_file, read, [File]}]
             ++ [{hexide_command, run, [command(Name), Context, #{args => [iolist_to_binary(Arg) || Arg <- Args]}]}
                 || [Name | Args] <- [["user", "whoami"], ["user", "deauth"], ["config"], ["organization", "list"],
                                      ["key", "list"], ["config", "timeout", "1"]]],
         none([trial(Call, Marks) || Call <- Calls])
     end || Text <- Texts].

%% The umask is the process's, so each has a node of its own.
files_are_for_their_owner_alone(Config) ->
    Marks = marks(Config),
    [begin
         Folder = filename:join(proplists:get_value(folder, Config), Umask),
         Open = filename:join(Folder, "open"),
         ok = filelib:ensure_dir(filename:join(Open, "x")),
         ok = file:change_mode(Open, 8#755),
         Peer = peer([filename:dirname(code:which(Module)) || Module <- [hexide_config, hexide_server, ?MODULE]], Umask),
         Made = peer:call(Peer, ?MODULE, write_files, [Folder, Marks], 2 * ?DEADLINE),
         ok = peer:stop(Peer),
         {Folders, Files} = lists:partition(fun filelib:is_dir/1, filelib:wildcard(filename:join(Folder, "**"))),
         ?assert(length(Files) > 6),
         %% A folder that was there keeps the mode its owner gave it, but nothing in it is for others. What the
         %% object store writes has the mode that the umask gives, in a folder that nobody else may enter.
         Closed = [Each || Each <- Folders, mode(Each) band 8#077 =:= 0],
         ?assertEqual([], [{File, Mode} || File <- Files, Mode <- [mode(File)], Mode band 8#077 =/= 0,
                                           not lists:any(fun(Each) -> lists:prefix(Each, File) end, Closed)]),
         ?assertEqual([], [File || File <- Files, mode(File) band 8#077 =/= 0, string:find(File, "/blobs/") =:= nomatch]),
         none([[{File, Found} || File <- Files, filename:basename(File) =/= "hex.config",
                                 Found <- [find(element(2, file:read_file(File)), maps:merge(Marks, Made))], Found =/= []]])
     end || Umask <- ["000", "022"]].

%% In a node with that umask. What the registry made, to be looked for.
write_files(Folder, #{password := Password, api_key := Key, access_token := Token}) ->
    ok = hexide_user_file:update(filename:join([Folder, "home", "hex.config"]),
                                 fun(_) -> #{<<"$hexide:local">> => #{api_key => Key, session => #{access_token => Token}}} end),
    Made = [begin
                {ok, Server} = hexide_server:start_link(#{data_dir => filename:join(Folder, Data)}),
                {ok, #{api_url := Api}} = hexide_server:info(Server),
                {ok, #{key := Made}} = hexide_server:add_user(Server, #{username => "max", email => "max@example.com",
                                                                        password => Password}),
                {ok, #{device_code := Code}} = hexide_auth:device_start(#{api_url => Api}),
                {ok, Tarball} = hexide_release:build(#{name => <<"pa">>, version => <<"1.0.0">>, app => <<"pa">>,
                                                       description => <<"A package">>, licenses => [<<"MIT">>],
                                                       build_tools => [<<"rebar3">>], files => [<<"a">>]},
                                                     [{"a", <<"b">>}], #{}),
                {ok, _} = hexide_release:publish(#{api_url => Api, api_key => Made}, maps:get(tarball, Tarball)),
                {ok, #{secret := Second}} = hexide_key:add(#{api_url => Api, api_key => Made}, "ci", []),
                ok = hexide_server:stop(Server),
                [Made, Code, Second]
            end || Data <- ["data", "open"]],
    maps:from_list(lists:enumerate(lists:append(Made))).

mode(File) ->
    {ok, #file_info{mode = Mode}} = file:read_link_info(File),
    Mode band 8#777.
