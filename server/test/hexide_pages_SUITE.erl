%% The registry's pages in a real browser.
-module(hexide_pages_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, suite/0, init_per_testcase/2, end_per_testcase/2]).
-export([sign_up_out_and_in/1, two_factor/1, approve_a_device/1, deny_a_device/1, revoke_sessions/1,
         reset_a_password/1, documentation_is_shut_in/1, readable_on_a_phone_and_in_the_dark/1]).

-define(PASSWORD, "correct horse battery").

all() ->
    [sign_up_out_and_in, two_factor, approve_a_device, deny_a_device, revoke_sessions, reset_a_password,
     documentation_is_shut_in, readable_on_a_phone_and_in_the_dark].

suite() ->
    [{timetrap, {minutes, 5}}].

init_per_testcase(_, Config) ->
    Test = self(),
    {ok, Server} = hexide_server:start_link(#{mail => fun(Mail) -> Test ! {mail, Mail} end}),
    {ok, #{url := Url} = Info} = hexide_server:info(Server),
    Browser = browser:open(proplists:get_value(priv_dir, Config)),
    [{server, Server}, {url, Url}, {info, Info}, {browser, Browser} | Config].

end_per_testcase(_, Config) ->
    browser:close(proplists:get_value(browser, Config)),
    hexide_server:stop(proplists:get_value(server, Config)).

sign_up_out_and_in(Config) ->
    Browser = proplists:get_value(browser, Config),
    visit(Config, "/"),
    see(Config, "root", "A Hex registry"),
    browser:click(Browser, "Sign up"),
    browser:fill(Browser, "Username", "Carol"),
    browser:fill(Browser, "E-mail address", "carol@example.com"),
    browser:fill(Browser, "Password", "short"),
    browser:click(Browser, {css, ".card button"}),
    see(Config, "sign-up-refused", "The password should be at least 8 character(s)."),
    browser:fill(Browser, "Password", ?PASSWORD),
    browser:click(Browser, {css, ".card button"}),
    see(Config, "account", "carol@example.com"),
    sign_out(Config),
    see(Config, "signed-out", "Forgot your password?"),
    sign_in(Config, "carol@example.com", "wrong password"),
    see(Config, "sign-in-refused", "The name or the password is wrong."),
    browser:fill(Browser, "Password", ?PASSWORD),
    browser:click(Browser, {css, ".card button"}),
    browser:wait_for(Browser, "Your account"),
    browser:fill(Browser, "Name of a new organization", "acme"),
    browser:click(Browser, "Make the organization"),
    see(Config, "organization", "The organization was made."),
    %% No script may run on any of these pages, so none can see the cookie; a script of the test's own can
    %% not either.
    ?assertEqual(<<>>, browser:run(Browser, "return document.cookie")).

two_factor(Config) ->
    Browser = proplists:get_value(browser, Config),
    sign_up(Config, "carol"),
    browser:click(Browser, "Switch it on"),
    see(Config, "two-factor", "Scan this"),
    Secret = browser:text(Browser, "#secret"),
    %% The picture is there, and big enough to be read.
    ?assert(browser:run(Browser, "return document.querySelector('svg.qr').getBoundingClientRect().width") > 150),
    browser:fill(Browser, "Code", "000000"),
    browser:click(Browser, {css, ".card button"}),
    browser:wait_for(Browser, "That code is wrong"),
    ?assertEqual(Secret, browser:text(Browser, "#secret")),
    First = totp:code(Secret, erlang:system_time(second)),
    browser:fill(Browser, "Code", First),
    browser:click(Browser, {css, ".card button"}),
    see(Config, "recovery-codes", "they are not shown again"),
    Recovery = browser:text(Browser, ".codes li"),
    browser:click(Browser, "I have kept them"),
    see(Config, "account-two-factor", "Recovery codes left: 10"),
    sign_out(Config),
    sign_in(Config, "carol", ?PASSWORD),
    see(Config, "sign-in-code", "Two-factor code"),
    browser:fill(Browser, "Two-factor code", First),
    browser:click(Browser, "Continue"),
    browser:wait_for(Browser, "That code is wrong, or was used already."),
    browser:fill(Browser, "Two-factor code", another_code(Secret, First)),
    browser:click(Browser, "Continue"),
    browser:wait_for(Browser, "Your account"),
    sign_out(Config),
    sign_in(Config, "carol", ?PASSWORD),
    browser:fill(Browser, "Two-factor code", Recovery),
    browser:click(Browser, "Continue"),
    browser:wait_for(Browser, "Recovery codes left: 9").

approve_a_device(Config) ->
    Browser = proplists:get_value(browser, Config),
    Api = anonymous(Config),
    {ok, #{user_code := Code, verification_uri_complete := Page} = Device} =
        hexide_auth:device_start(Api, #{name => <<"laptop <b>of</b> carol"/utf8>>}),
    sign_up(Config, "carol"),
    sign_out(Config),
    %% As the terminal says it: the page is opened before anybody is signed in.
    browser:visit(Browser, Page),
    browser:wait_for(Browser, "Username or e-mail address"),
    enter(Config, "carol", ?PASSWORD),
    see(Config, "device", "Enter the code"),
    ?assertEqual(Code, browser:attribute(Browser, "#user_code", "value")),
    browser:click(Browser, "Continue"),
    see(Config, "device-decide", "Only approve if you started this yourself"),
    Shown = browser:text(Browser),
    [?assertNotEqual(nomatch, binary:match(Shown, Part))
     || Part <- [<<"rebar3">>, <<"laptop <b>of</b> carol">>, <<"127.0.0.1">>, <<"(api)">>]],
    browser:click(Browser, "Approve"),
    see(Config, "device-approved", "The program is signed in."),
    {ok, #{access_token := Token}} = hexide_auth:device_wait(Api, Device),
    Bearer = Api#{api_key => <<"Bearer ", Token/binary>>},
    ?assertMatch({ok, #{username := <<"carol">>}}, hexide_user:me(Bearer)),
    browser:click(Browser, "All programs that are signed in"),
    see(Config, "account-programs", "laptop <b>of</b> carol"),
    browser:click(Browser, "Revoke laptop <b>of</b> carol"),
    browser:wait_for(Browser, "No program is signed in."),
    ?assertMatch({error, {unauthorized, _}}, hexide_user:me(Bearer)).

deny_a_device(Config) ->
    Browser = proplists:get_value(browser, Config),
    Api = anonymous(Config),
    {ok, #{user_code := Code} = Device} = hexide_auth:device_start(Api, #{name => <<"stranger">>}),
    sign_up(Config, "carol"),
    browser:click(Browser, "Enter its code"),
    browser:fill(Browser, "Code", "BBBB-BBBB"),
    browser:click(Browser, "Continue"),
    see(Config, "device-unknown", "There is no such code."),
    <<First:4/binary, Second:4/binary>> = Code,
    browser:fill(Browser, "Code", string:lowercase(<<First/binary, " - ", Second/binary>>)),
    browser:click(Browser, "Continue"),
    browser:wait_for(Browser, "stranger"),
    browser:click(Browser, "Deny"),
    see(Config, "device-denied", "The program was refused."),
    ?assertMatch({error, {forbidden, _}}, hexide_auth:device_wait(Api, Device)).

revoke_sessions(Config) ->
    Browser = proplists:get_value(browser, Config),
    Server = proplists:get_value(server, Config),
    User = #{username => "carol", email => "carol@example.com", password => ?PASSWORD},
    {ok, #{key := Key}} = hexide_server:add_user(Server, User),
    Elsewhere = browser:open(proplists:get_value(priv_dir, Config)),
    try
        There = lists:keystore(browser, 1, Config, {browser, Elsewhere}),
        visit(There, "/account"),
        browser:wait_for(Elsewhere, "Sign in"),
        enter(There, "carol", ?PASSWORD),
        browser:wait_for(Elsewhere, "Your account"),
        visit(Config, "/account/sign-in"),
        enter(Config, "carol", ?PASSWORD),
        see(Config, "account-sessions", "this one"),
        browser:click(Browser, {css, "#browsers + ul > li:last-child button"}),
        browser:wait_for(Browser, "The browser was signed out."),
        visit(There, "/account"),
        browser:wait_for(Elsewhere, "Username or e-mail address"),
        browser:click(Browser, "Revoke first"),
        browser:wait_for(Browser, "There is no key."),
        ?assertMatch({error, {unauthorized, _}}, hexide_user:me((anonymous(Config))#{api_key => Key}))
    after
        browser:close(Elsewhere)
    end.

reset_a_password(Config) ->
    Browser = proplists:get_value(browser, Config),
    sign_up(Config, "carol"),
    sign_out(Config),
    browser:click(Browser, "Forgot your password?"),
    see(Config, "forgot", "You get a link"),
    browser:fill(Browser, "Username or e-mail address", "carol"),
    browser:click(Browser, "Send the link"),
    see(Config, "forgot-sent", "If there is such an account"),
    Link = receive
               {mail, #{subject := password_reset, to := <<"carol@example.com">>, link := Mailed}} -> Mailed
           after 60_000 -> error(no_mail)
           end,
    browser:visit(Browser, Link),
    see(Config, "reset", "For the account carol"),
    browser:fill(Browser, "New password", "another horse battery"),
    browser:click(Browser, "Set the password"),
    browser:wait_for(Browser, "Your password was set."),
    enter(Config, "carol", "another horse battery"),
    browser:wait_for(Browser, "Your account"),
    browser:visit(Browser, Link),
    see(Config, "reset-again", "This link was used already").

%% Whoever publishes a package decides which scripts its documentation runs: they must not reach what
%% belongs to whoever reads it.
documentation_is_shut_in(Config) ->
    Browser = proplists:get_value(browser, Config),
    sign_up(Config, "carol"),
    {ok, #{key := Key}} = hexide_server:add_user(proplists:get_value(server, Config),
                                                 #{username => "mallory", email => "mallory@example.com"}),
    Mallory = (anonymous(Config))#{api_key => Key},
    Metadata = #{<<"name">> => <<"trap">>, <<"version">> => <<"1.0.0">>, <<"app">> => <<"trap">>,
                 <<"description">> => <<"A trap">>, <<"licenses">> => [<<"MIT">>], <<"requirements">> => #{},
                 <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"src/trap.erl">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/trap.erl", <<"-module(trap).\n">>}]),
    {ok, _} = hexide_release:publish(Mallory, Tarball),
    Script = <<"function say(id, text) { document.getElementById(id).textContent = text; }\n"
               "say('origin', 'origin ' + self.origin);\n"
               "try { say('cookie', 'cookie ' + document.cookie); } catch (e) { say('cookie', 'no cookie'); }\n"
               "fetch('/account').then(() => say('page', 'fetched'), () => say('page', 'not fetched'));\n">>,
    Page = <<"<!DOCTYPE html><body><p id=origin></p><p id=cookie></p><p id=page></p>"
             "<script src=\"trap.js\"></script></body>">>,
    {ok, Docs} = hexide_tarball:create_docs([{"index.html", Page}, {"trap.js", Script}]),
    {ok, _} = hexide_docs:publish(Mallory, "trap", "1.0.0", Docs),
    visit(Config, "/docs/trap/1.0.0/"),
    [browser:wait_for(Browser, Text) || Text <- ["origin null", "no cookie", "not fetched"]],
    visit(Config, "/packages/trap"),
    see(Config, "package", "Documentation").

readable_on_a_phone_and_in_the_dark(Config) ->
    Browser = proplists:get_value(browser, Config),
    sign_up(Config, "a-rather-long-name-without-any-end-that-a-line-of-a-phone-would-hold"),
    Light = ground(Browser),
    Dark = #{features => [#{name => <<"prefers-color-scheme">>, value => <<"dark">>}]},
    browser:devtools(Browser, <<"Emulation.setEmulatedMedia">>, Dark),
    ?assertNotEqual(Light, ground(Browser)),
    Phone = #{width => 360, height => 740, deviceScaleFactor => 1, mobile => true},
    browser:devtools(Browser, <<"Emulation.setDeviceMetricsOverride">>, Phone),
    [begin
         visit(Config, Page),
         see(Config, "phone" ++ [case C of $/ -> $-; _ -> C end || C <- Page], Text),
         Width = browser:run(Browser, "return document.documentElement.scrollWidth"),
         ?assert(Width =< 360, {Page, Width})
     end || {Page, Text} <- [{"/", "Fingerprint"}, {"/account", "Username"}, {"/account/two-factor", "secret"},
                             {"/oauth/device", "Code"}, {"/password/forgot", "link"}]].

ground(Browser) ->
    browser:run(Browser, "return getComputedStyle(document.body).backgroundColor").

visit(Config, Path) ->
    browser:visit(proplists:get_value(browser, Config), [proplists:get_value(url, Config), Path]).

%% Waits for the text and keeps a picture of the page among the logs.
see(Config, Name, Text) ->
    Browser = proplists:get_value(browser, Config),
    browser:wait_for(Browser, Text),
    browser:screenshot(Browser, filename:join(proplists:get_value(priv_dir, Config), Name ++ ".png")).

sign_up(Config, Name) ->
    Browser = proplists:get_value(browser, Config),
    visit(Config, "/account/sign-up"),
    browser:fill(Browser, "Username", Name),
    browser:fill(Browser, "E-mail address", Name ++ "@example.com"),
    browser:fill(Browser, "Password", ?PASSWORD),
    browser:click(Browser, {css, ".card button"}),
    browser:wait_for(Browser, "Your account").

sign_out(Config) ->
    Browser = proplists:get_value(browser, Config),
    browser:click(Browser, {css, "nav button"}),
    browser:wait_for(Browser, "You are signed out.").

sign_in(Config, Login, Password) ->
    visit(Config, "/account/sign-in"),
    enter(Config, Login, Password).

enter(Config, Login, Password) ->
    Browser = proplists:get_value(browser, Config),
    browser:fill(Browser, "Username or e-mail address", Login),
    browser:fill(Browser, "Password", Password),
    browser:click(Browser, {css, ".card button"}).

%% A code works once; that of the next thirty seconds is taken already.
another_code(Secret, Used) ->
    Now = erlang:system_time(second),
    hd([Code || Code <- [totp:code(Secret, Now), totp:code(Secret, Now + 30)], Code =/= Used]).

anonymous(Config) ->
    #{api_url := Api, repo_url := Repo, public_key := Key} = proplists:get_value(info, Config),
    #{api_url => Api, repo_url => Repo, repo_public_key => Key, repo_name => <<"hexpm">>}.
