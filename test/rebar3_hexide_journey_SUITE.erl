%% The journey of a newcomer: from a fresh registry over browser, second factor and publishing to a key for CI,
%% with real rebar3 in real terminals and a real browser.
-module(rebar3_hexide_journey_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([a_newcomer_signs_in_publishes_and_automates_it/1, ctrl_c_ends_the_wait/1, a_refused_login_keeps_nothing/1,
         a_forgotten_password_is_reset/1]).

-define(PASSWORD, <<"correct horse battery staple">>).

suite() ->
    [{timetrap, {minutes, 6}}].

all() ->
    [a_newcomer_signs_in_publishes_and_automates_it, ctrl_c_ends_the_wait, a_refused_login_keeps_nothing,
     a_forgotten_password_is_reset].

init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "journey") of
        {ok, Prepared} ->
            Mails = ets:new(mails, [public, ordered_set, {heir, whereis(init), none}]),
            {ok, Server} = hexide_server:start_link(#{repository => "local", oauth_interval => 1,
                                                      mail => fun(Mail) -> ets:insert(Mails, {now_us(), Mail}) end}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Key} = Info} = hexide_server:info(Server),
            Repos = io_lib:format("{hex, [{repos, [#{name => <<\"local\">>, api_url => <<\"~ts\">>, repo_url => <<\"~ts\">>, "
                                  "repo_public_key => ~tp}]}]}.~n", [Api, Repo, Key]),
            Projects = [{list_to_atom(App), project(Prepared, App, Repos)} || App <- ["first_app", "other_app"]],
            [{server, Server}, {info, Info}, {mails, Mails} | Projects ++ Prepared];
        Skipped -> Skipped
    end.

end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

project(Config, App, Repos) ->
    Dir = filename:join(proplists:get_value(base, Config), App),
    ok = real_rebar3:app(Dir, App, "1.0.0", []),
    ok = real_rebar3:write(Dir, "rebar.config", ["{project_plugins, [hexide]}.\n", Repos]),
    ok = real_rebar3:plugin(Config, Dir),
    Dir.

a_newcomer_signs_in_publishes_and_automates_it(Config) ->
    Browser = browser:open(proplists:get_value(base, Config)),
    try
        newcomer([{browser, Browser}, {home, "newcomer"} | Config])
    after
        browser:close(Browser)
    end.

newcomer(Config) ->
    Browser = proplists:get_value(browser, Config),
    %% An account, and a login that the browser confirms.
    {0, _, _} = real_rebar3:hex(Config, first_app, ["user", "register", "--username", "nell", "--email", "nell@example.com"],
                                [{"HEX_PASSWORD", binary_to_list(?PASSWORD)}]),
    SignIn = at_terminal(Config, first_app, ["user", "auth"]),
    Invitation = terminal:see(SignIn, "Waiting for you there"),
    {match, [Page, Left, Right]} = re:run(Invitation, "Open (http\\S+)\\s+and confirm this code: (\\w{4})-(\\w{4})",
                                          [{capture, all_but_first, binary}]),
    browser:visit(Browser, Page),
    browser:wait_for(Browser, "Username or e-mail address"),
    browser:fill(Browser, "Username or e-mail address", <<"nell">>),
    browser:fill(Browser, "Password", ?PASSWORD),
    browser:click(Browser, {css, "main button"}),
    browser:wait_for(Browser, "Enter the code"),
    browser:fill(Browser, "Code", <<Left/binary, "-", Right/binary>>),
    browser:click(Browser, "Continue"),
    browser:wait_for(Browser, "Only approve if you started this yourself"),
    browser:click(Browser, "Approve"),
    browser:wait_for(Browser, "The program is signed in."),
    {0, SignedIn} = terminal:ended(SignIn),
    real_rebar3:has(SignedIn, "Signed in to local as nell."),
    only_mine(Config),
    %% Without a second factor no session publishes, and the refusal says what to do.
    {1, _, Refused} = real_rebar3:hex(Config, first_app, ["publish", "--yes"]),
    [real_rebar3:has(Refused, Part) || Part <- ["Two-factor authentication must be enabled", "Switch it on in your account"]],
    Secret = switch_two_factor_on(Config),
    %% Publishing asks for the code: first a wrong one, then the right one, once for package and documentation.
    Publish = at_terminal(Config, first_app, ["publish"]),
    _ = terminal:see(Publish, "[y/N]"),
    terminal:say(Publish, "y"),
    _ = terminal:see(Publish, "Two-factor code:"),
    terminal:say(Publish, "000000"),
    _ = terminal:see(Publish, "That code was not accepted."),
    terminal:say(Publish, code(Secret)),
    {0, Published} = terminal:ended(Publish),
    [real_rebar3:has(Published, Part)
     || Part <- ["Published first_app 1.0.0 to local", "found the same", "Published the documentation of first_app 1.0.0"]],
    ?assertMatch({ok, #{publisher := #{username := <<"nell">>}}},
                 hexide_release:get(api(Config), <<"first_app">>, <<"1.0.0">>)),
    %% A key for CI, for this one package; the code comes from the environment where nobody is at a terminal.
    {1, _, Needed} = real_rebar3:hex(Config, first_app, generate()),
    real_rebar3:has(Needed, "HEX_OTP"),
    {0, Made, _} = real_rebar3:hex(Config, first_app, generate(), [{"HEX_OTP", code(Secret)}]),
    {match, [Key]} = re:run(Made, "secret is shown:\\s+(\\S+)", [{capture, all_but_first, list}]),
    automated([{home, "ci"} | proplists:delete(home, Config)], Key),
    %% And out: the session is over here and at the registry.
    #{<<"$hexide:local">> := #{session := #{access_token := Token}}} = content(Config),
    {0, Out, _} = real_rebar3:hex(Config, first_app, ["user", "deauth"]),
    real_rebar3:has(Out, "Signed out of local."),
    ?assertMatch({error, {unauthorized, _}},
                 hexide_user:me((api(Config))#{api_key => <<"Bearer ", Token/binary>>})),
    {1, _, Nobody} = real_rebar3:hex(Config, first_app, ["user", "whoami"]),
    real_rebar3:has(Nobody, "Nobody is signed in to local").

generate() ->
    ["key", "generate", "--key-name", "ci", "--permission", "package:local/first_app"].

%% Another machine: an empty home, no terminal, nothing but the key.
automated(Config, Key) ->
    Ci = [{"HEX_API_KEY", Key}, {"CI", "true"}],
    ok = real_rebar3:app(proplists:get_value(first_app, Config), "first_app", "1.1.0", []),
    {0, Published, _} = real_rebar3:hex(Config, first_app, ["publish", "--yes", "--json"], Ci),
    real_rebar3:has(Published, "1.1.0"),
    {1, _, Refused} = real_rebar3:hex(Config, other_app, ["publish", "--yes"], Ci),
    [real_rebar3:has(Refused, Part) || Part <- ["may not publish other_app to local", "key not authorized for this action"]],
    ?assertMatch({error, {not_found, _}}, hexide_package:get(api(Config), <<"other_app">>)),
    ?assertNot(filelib:is_file(real_rebar3:hex_config(Config))).

switch_two_factor_on(Config) ->
    Browser = proplists:get_value(browser, Config),
    visit(Config, "/account"),
    browser:click(Browser, "Switch it on"),
    browser:wait_for(Browser, "Scan this"),
    Secret = browser:text(Browser, "#secret"),
    browser:fill(Browser, "Code", code(Secret)),
    browser:click(Browser, {css, ".card button"}),
    browser:wait_for(Browser, "they are not shown again"),
    browser:click(Browser, "I have kept them"),
    Secret.

ctrl_c_ends_the_wait(Config0) ->
    Config = [{home, "hesitant"} | Config0],
    SignIn = at_terminal(Config, first_app, ["user", "auth"]),
    _ = terminal:see(SignIn, "Waiting for you there"),
    terminal:interrupt(SignIn),
    {130, Said} = terminal:ended(SignIn),
    real_rebar3:has(Said, "Interrupted; nothing was changed."),
    ?assertNot(filelib:is_file(real_rebar3:hex_config(Config))).

a_refused_login_keeps_nothing(Config0) ->
    Config = [{home, "refused"} | Config0],
    {ok, _} = hexide_server:add_user(proplists:get_value(server, Config),
                                     #{username => "vera", email => "vera@example.com", password => ?PASSWORD}),
    Browser = browser:open(proplists:get_value(base, Config)),
    try
        {Program, Opened} = stand_in_browser(Config),
        SignIn = at_terminal(Config, first_app, ["user", "auth"], [{"BROWSER", Program}, {"SSH_CONNECTION", false}]),
        Invitation = terminal:see(SignIn, "Waiting for you there"),
        {match, [Code]} = re:run(Invitation, "Your browser should show http\\S+\\s+and confirm this code: (\\S+)",
                                 [{capture, all_but_first, binary}]),
        %% The code is in the address that was opened; a person compares.
        browser:visit(Browser, opened(Opened)),
        browser:wait_for(Browser, "Username or e-mail address"),
        browser:fill(Browser, "Username or e-mail address", <<"vera">>),
        browser:fill(Browser, "Password", ?PASSWORD),
        browser:click(Browser, {css, "main button"}),
        browser:wait_for(Browser, "Enter the code"),
        ?assertEqual(binary:replace(Code, <<"-">>, <<>>), browser:attribute(Browser, "#user_code", "value")),
        browser:click(Browser, "Continue"),
        browser:wait_for(Browser, "Only approve"),
        browser:click(Browser, "Deny"),
        browser:wait_for(Browser, "The program was refused."),
        {1, Said} = terminal:ended(SignIn),
        real_rebar3:has(Said, "user auth"),
        ?assertNot(filelib:is_file(real_rebar3:hex_config(Config)))
    after
        browser:close(Browser)
    end.

a_forgotten_password_is_reset(Config0) ->
    Config = [{home, "forgetful"} | Config0],
    {ok, _} = hexide_server:add_user(proplists:get_value(server, Config),
                                     #{username => "fay", email => "fay@example.com", password => ?PASSWORD}),
    {0, Said, _} = real_rebar3:hex(Config, first_app, ["user", "reset_password", "fay"]),
    real_rebar3:has(Said, "on its way"),
    Links = [Link || {_, #{subject := password_reset, username := <<"fay">>, link := Link}}
                         <- ets:tab2list(proplists:get_value(mails, Config))],
    Browser = browser:open(proplists:get_value(base, Config)),
    try
        [Link] = Links,
        browser:visit(Browser, Link),
        browser:wait_for(Browser, "New password"),
        browser:fill(Browser, "New password", <<"another good password">>),
        browser:click(Browser, {css, "main button"}),
        browser:wait_for(Browser, "Sign in"),
        browser:visit(Browser, url(Config, "/account/sign-in")),
        browser:fill(Browser, "Username or e-mail address", <<"fay">>),
        browser:fill(Browser, "Password", <<"another good password">>),
        browser:click(Browser, {css, "main button"}),
        browser:wait_for(Browser, "Your account")
    after
        browser:close(Browser)
    end.

%% A program that writes down what it is to open: the pipe gives it to whoever reads.
stand_in_browser(Config) ->
    Base = proplists:get_value(base, Config),
    Pipe = filename:join(Base, "opened"),
    "" = os:cmd("mkfifo " ++ Pipe),
    ok = real_rebar3:write(Base, "browser", ["#!/bin/sh\nprintf '%s\\n' \"$1\" >'", Pipe, "'\n"]),
    Program = filename:join(Base, "browser"),
    ok = file:change_mode(Program, 8#755),
    {Program, Pipe}.

opened(Pipe) ->
    Port = open_port({spawn_executable, os:find_executable("cat")}, [{args, [Pipe]}, {line, 4096}, binary]),
    receive {Port, {data, {eol, Address}}} -> Address after 60_000 -> error(nothing_opened) end.

%% --- helpers

at_terminal(Config, Project, Args) ->
    at_terminal(Config, Project, Args, []).

at_terminal(Config, Project, Args, Environment) ->
    terminal:start(proplists:get_value(Project, Config), "rebar3", ["hex" | Args],
                   real_rebar3:environment(Config) ++ Environment).

visit(Config, Path) ->
    browser:visit(proplists:get_value(browser, Config), url(Config, Path)).

url(Config, Path) ->
    #{url := Url} = proplists:get_value(info, Config),
    iolist_to_binary([Url, Path]).

api(Config) ->
    #{api_url := Api} = proplists:get_value(info, Config),
    #{api_url => Api}.

code(Secret) ->
    binary_to_list(totp:code(Secret, erlang:system_time(second))).

content(Config) ->
    {ok, Content} = hexide_user_file:read(real_rebar3:hex_config(Config)),
    Content.

only_mine(Config) ->
    {ok, #file_info{mode = Mode}} = file:read_file_info(real_rebar3:hex_config(Config)),
    ?assertEqual(8#600, Mode band 8#777).

now_us() ->
    erlang:monotonic_time().
