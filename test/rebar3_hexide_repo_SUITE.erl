%% @doc `repo': repositories in the user's own rebar.config, changed as text and found there by stock rebar3.
-module(rebar3_hexide_repo_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, groups/0, init_per_suite/1, end_per_suite/1]).
-export([an_entry_is_put_where_the_others_are/1, comments_and_layout_stay/1, an_entry_is_changed_in_its_place/1,
         only_the_entry_is_removed/1, what_is_not_understood_is_left_alone/1, any_order_of_changes_keeps_the_rest/1,
         wrong_arguments_say_what_is_missing/1, a_wrong_fingerprint_changes_nothing/1,
         a_key_that_is_none_is_refused/1, links_and_rights_survive/1, a_script_is_left_to_its_author/1,
         stock_rebar3_fetches_from_an_added_repository/1, it_is_listed_and_shown_without_its_key/1,
         setting_and_removing_reach_both_files/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, run/4, hex_config/1, has/2, hasnt/2]).

-define(NEW, #{repo_url => <<"https://new.example.com">>, repo_public_key => <<"one\ntwo\n">>}).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 2}}].

-spec all() -> [atom() | {group, atom()}].
all() ->
    [an_entry_is_put_where_the_others_are, comments_and_layout_stay, an_entry_is_changed_in_its_place,
     only_the_entry_is_removed, what_is_not_understood_is_left_alone, any_order_of_changes_keeps_the_rest,
     wrong_arguments_say_what_is_missing, a_wrong_fingerprint_changes_nothing, a_key_that_is_none_is_refused,
     links_and_rights_survive, a_script_is_left_to_its_author, {group, story}].

-spec groups() -> [tuple()].
groups() ->
    [{story, [sequence], [stock_rebar3_fetches_from_an_added_repository, it_is_listed_and_shown_without_its_key,
                          setting_and_removing_reach_both_files]}].

%% The registry has the package of an organization that only amy's key reads, and a public one.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "repo") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"house">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, fingerprint := Fingerprint} = Info} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            ok = publish(#{api_url => Api, repo_url => Repo, api_key => Key}, "brick"),
            Base = proplists:get_value(base, Started),
            Project = filename:join(Base, "project"),
            ok = app(Project, "project", "0.1.0", []),
            ok = write(Project, "rebar.config", "{project_plugins, [hexide]}.\n"),
            ok = plugin(Started, Project),
            [{server, Server}, {info, Info}, {repo, binary_to_list(Repo)}, {fingerprint, binary_to_list(Fingerprint)},
             {project, Project} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% --- the text

-spec an_entry_is_put_where_the_others_are(term()) -> term().
an_entry_is_put_where_the_others_are(_) ->
    Entry = "#{name => <<\"new\">>,\n~srepo_url => <<\"https://new.example.com\">>,\n~s"
            "repo_public_key => <<\"one\\ntwo\\n\">>}",
    At = fun(Column) -> Blanks = lists:duplicate(Column, $\s), io_lib:format(Entry, [Blanks, Blanks]) end,
    [?assertEqual(unicode:characters_to_binary(Expected),
                  element(2, hexide_rebar_config:put(list_to_binary(Text), <<"new">>, ?NEW)))
     || {Text, Expected} <-
            [{"", ["{hex, [{repos, [", At(18), "]}]}.\n"]},
             {"{deps, []}.", ["{deps, []}.\n{hex, [{repos, [", At(18), "]}]}.\n"]},
             {"{hex, []}.\n", ["{hex, [{repos, [", At(18), "]}]}.\n"]},
             {"{hex, [{doc, edoc}]}.\n", ["{hex, [{repos, [", At(18), "]}, {doc, edoc}]}.\n"]},
             {"{hex, [{repos, []}]}.\n", ["{hex, [{repos, [", At(18), "]}]}.\n"]},
             {"{hex, [{repos, [#{name => <<\"a\">>}]}]}.\n",
              ["{hex, [{repos, [#{name => <<\"a\">>},\n                ", At(18), "]}]}.\n"]},
             {"{hex, [{repos, replace, [\n  #{name => <<\"a\">>} % mine\n]}]}.\n",
              ["{hex, [{repos, replace, [\n  #{name => <<\"a\">>}, % mine\n  ", At(4), "\n]}]}.\n"]}]].

-spec comments_and_layout_stay(term()) -> term().
comments_and_layout_stay(_) ->
    {ok, Changed} = hexide_rebar_config:put(text(), <<"new">>, ?NEW),
    [has(Changed, Line) || Line <- string:split(text(), "\n", all)],
    {ok, Back} = hexide_rebar_config:remove(Changed, <<"new">>),
    ?assertEqual(text(), Back).

-spec an_entry_is_changed_in_its_place(term()) -> term().
an_entry_is_changed_in_its_place(_) ->
    {ok, Changed} = hexide_rebar_config:put(text(), <<"two">>, #{repo_url => <<"https://2.example.com">>,
                                                                api_url => <<"https://api.example.com">>}),
    Expected = string:replace(string:replace(text(), "https://two.example.com", "https://2.example.com"),
                              "trusted => true}",
                              "trusted => true,\n      api_url => <<\"https://api.example.com\">>}"),
    ?assertEqual(iolist_to_binary(Expected), Changed),
    %% What says the same already is not touched.
    Same = #{repo_url => <<"https://one.example.com">>},
    ?assertEqual({ok, text()}, hexide_rebar_config:put(text(), <<"one">>, Same)).

-spec only_the_entry_is_removed(term()) -> term().
only_the_entry_is_removed(_) ->
    {ok, WithoutOne} = hexide_rebar_config:remove(text(), <<"one">>),
    ?assertEqual(iolist_to_binary(string:replace(text(), "    #{name => <<\"one\">>, repo_url => "
                                                         "<<\"https://one.example.com\">>},\n", "")), WithoutOne),
    {ok, Without} = hexide_rebar_config:remove(WithoutOne, <<"two">>),
    [has(Without, Comment) || Comment <- ["größe", "% the second", "% after"]],
    ?assertEqual({ok, []}, hexide_rebar_config:repositories(Without)),
    ?assertEqual(not_there, hexide_rebar_config:remove(Without, <<"two">>)),
    ?assertEqual(not_there, hexide_rebar_config:remove(<<>>, <<"two">>)),
    [?assertEqual({ok, Rest}, hexide_rebar_config:remove(Text, <<"a">>))
     || {Text, Rest} <- [{<<"{hex, [{repos, [#{name => <<\"a\">>}, #{name => \"b\"}]}]}.">>,
                          <<"{hex, [{repos, [#{name => \"b\"}]}]}.">>},
                         {<<"{hex, [{repos, [#{name => \"b\"}, #{name => \"a\"}]}]}.">>,
                          <<"{hex, [{repos, [#{name => \"b\"}]}]}.">>}]].

-spec what_is_not_understood_is_left_alone(term()) -> term().
what_is_not_understood_is_left_alone(_) ->
    [begin
         {error, {refused, Why}} = hexide_rebar_config:put(Text, <<"new">>, ?NEW),
         has(Why, Part)
     end || {Text, Part} <- [{<<"{hex, [{repos, [}.\n">>, "line 1"}, {<<"{hex, []}">>, "full stop"},
                             {<<"{a, \"open}.\n">>, "does not parse"}, {<<"{a, ?MACRO}.\n">>, "line 1"},
                             {<<"{a, \"", 255, "\"}.\n">>, "UTF-8"},
                             {<<"{hex, []}.\n{hex, []}.\n">>, "more than one `hex'"},
                             {<<"{hex, [{repos, []}, {repos, []}]}.\n">>, "more than one `repos'"},
                             {<<"{hex, nothing}.\n">>, "no list"}, {<<"{hex, [{repos, \"text\"}]}.\n">>, "no list"},
                             {<<"{hex, [{repos, [#{name => <<\"a\">>} | []]}]}.\n">>, "unusual"},
                             {<<"{hex, [{repos, [#{name => <<\"new\">>}, #{name => <<\"new\">>}]}]}.\n">>, "once"}]].

%% Nothing but the entry differs, whatever was there before, and what was put is what is read.
-spec any_order_of_changes_keeps_the_rest(term()) -> term().
any_order_of_changes_keeps_the_rest(_) ->
    Names = [<<"one">>, <<"two">>, <<"three">>, <<"größe"/utf8>>],
    _ = rand:seed(exsss, 4),
    lists:foldl(fun(_, {Text, Known}) ->
                    Name = lists:nth(rand:uniform(length(Names)), Names),
                    Url = <<"https://", (integer_to_binary(rand:uniform(99)))/binary, ".example.com/\"\\é"/utf8>>,
                    Next = case rand:uniform(2) of
                               1 ->
                                   {ok, Put} = hexide_rebar_config:put(Text, Name, #{repo_url => Url}),
                                   {Put, Known#{Name => Url}};
                               2 ->
                                   case hexide_rebar_config:remove(Text, Name) of
                                       {ok, Removed} -> {Removed, maps:remove(Name, Known)};
                                       not_there -> ?assertNot(is_map_key(Name, Known)), {Text, Known}
                                   end
                           end,
                    {Changed, Expected} = Next,
                    {ok, Entries} = hexide_rebar_config:repositories(Changed),
                    ?assertEqual(Expected, maps:from_list([{Each, At} || #{name := Each, repo_url := At} <- Entries])),
                    [has(Changed, Comment) || Comment <- ["% größe", "% the second", "% after", "{deps, [%", "edoc"]],
                    Next
                end,
                {text(), #{<<"one">> => <<"https://one.example.com">>, <<"two">> => <<"https://two.example.com">>}},
                lists:seq(1, 200)).

%% --- the command

-spec wrong_arguments_say_what_is_missing([tuple()]) -> term().
wrong_arguments_say_what_is_missing(Config) ->
    Context = context(Config, "wrong"),
    [begin
         {error, {usage, #{message := Message}}} = hexide_cmd_repo:run(Context, Options),
         has(Message, Part)
     end || {Options, Part} <- [{#{args => []}, "say what to do"}, {#{args => [<<"lst">>]}, "did you mean `list`?"},
                                {#{args => [<<"add">>]}, "name of a repository"},
                                {#{args => [<<"show">>, <<"a">>, <<"b">>]}, "one name"},
                                {#{args => [<<"add">>, <<"hexpm">>]}, "built into"},
                                {#{args => [<<"add">>, <<"a b">>], url => <<"x">>}, "no name"},
                                {#{args => [<<"add">>, <<"a">>]}, "--url"},
                                {#{args => [<<"add">>, <<"a">>, <<"https://example.com">>]}, "--public-key"},
                                {#{args => [<<"add">>, <<"a">>], url => <<"ftp://x">>, public_key => <<"x">>}, "http"},
                                {#{args => [<<"add">>, <<"hexpm:a">>], url => <<"http://x">>}, "--auth-key"},
                                {#{args => [<<"add">>, <<"a">>], url => <<"http://x">>, public_key => <<"x">>,
                                   fetch_public_key => <<"y">>}, "not both"},
                                {#{args => [<<"set">>, <<"hexpm">>]}, "say what to change"},
                                {#{args => [<<"set">>, <<"hexpm">>], url => <<"http://x">>}, "HEX_MIRROR_URL"}]],
    [begin
         {error, {failed, #{message := Message}}} = hexide_cmd_repo:run(Context, Options),
         has(Message, Part)
     end || {Options, Part} <- [{#{args => [<<"show">>, <<"hexmp">>]}, "did you mean `hexpm`?"},
                                {#{args => [<<"set">>, <<"a">>], auth_key => <<"k">>}, "no repository `a`"},
                                {#{args => [<<"remove">>, <<"a">>]}, "no repository `a`"},
                                {#{args => [<<"remove">>, <<"hexpm">>]}, "built into"},
                                {#{args => [<<"remove">>, <<"mine">>]}, "this project's"}]],
    ?assertNot(filelib:is_file(maps:get(rebar_config, Context))).

-spec a_wrong_fingerprint_changes_nothing([tuple()]) -> term().
a_wrong_fingerprint_changes_nothing(Config) ->
    #{rebar_config := File, user_file := UserFile} = Context = context(Config, "fingerprint"),
    Url = list_to_binary(proplists:get_value(repo, Config)),
    Add = #{args => [<<"add">>, <<"house">>], url => Url, auth_key => <<"very-secret">>},
    Wrong = <<"SHA256:", (binary:copy(<<"A">>, 43))/binary>>,
    {error, {bad_signature, _} = Failure} = hexide_cmd_repo:run(Context, Add#{fetch_public_key => Wrong}),
    has(hexide_failure:format(Failure), "nothing was changed"),
    has(hexide_failure:format(Failure), proplists:get_value(fingerprint, Config)),
    hasnt(hexide_failure:format(Failure), "very-secret"),
    [?assertNot(filelib:is_file(Each)) || Each <- [File, UserFile]],
    %% Right it is with and without the name of the digest.
    <<"SHA256:", Bare/binary>> = Right = list_to_binary(proplists:get_value(fingerprint, Config)),
    {ok, #{done := added, fingerprint := Right, auth_key := true}} =
        hexide_cmd_repo:run(Context, Add#{fetch_public_key => Bare}),
    {ok, #{done := changed}} = hexide_cmd_repo:run(Context, #{args => [<<"set">>, <<"house">>],
                                                             fetch_public_key => Right}),
    {error, {failed, #{message := Again}}} = hexide_cmd_repo:run(Context, Add#{fetch_public_key => Right}),
    has(Again, "already").

-spec a_key_that_is_none_is_refused([tuple()]) -> term().
a_key_that_is_none_is_refused(Config) ->
    #{rebar_config := File} = Context = context(Config, "nokey"),
    Path = filename:join(filename:dirname(File), "key.pem"),
    Add = #{args => [<<"add">>, <<"house">>], url => <<"http://localhost/repo">>, public_key => list_to_binary(Path)},
    {error, {io, #{path := _}}} = hexide_cmd_repo:run(Context, Add),
    ok = write(filename:dirname(File), "key.pem", "no key at all"),
    {error, {Code, #{message := Message}}} = hexide_cmd_repo:run(Context, Add),
    ?assertNotEqual(failed, Code),
    has(Message, "is no public key"),
    ?assertNot(filelib:is_file(File)),
    #{public_key := Pem} = proplists:get_value(info, Config),
    ok = write(filename:dirname(File), "key.pem", Pem),
    {ok, _} = hexide_cmd_repo:run(Context, Add),
    {ok, [{hex, [{repos, [#{repo_public_key := Pem}]}]}]} = file:consult(File).

-spec links_and_rights_survive([tuple()]) -> term().
links_and_rights_survive(Config) ->
    #{rebar_config := File} = Context = context(Config, "links"),
    Real = filename:join(filename:dirname(File), "dotfiles/rebar.config"),
    ok = write(filename:dirname(File), "dotfiles/rebar.config", text()),
    ok = file:change_mode(Real, 8#640),
    ok = file:make_symlink("dotfiles/rebar.config", File),
    {ok, _} = hexide_cmd_repo:run(Context, #{args => [<<"remove">>, <<"one">>]}),
    ?assertEqual({ok, "dotfiles/rebar.config"}, file:read_link(File)),
    {ok, Info} = file:read_file_info(Real),
    ?assertEqual(8#640, element(8, Info) band 8#777),
    {ok, Text} = file:read_file(Real),
    hasnt(Text, "one.example.com"),
    ?assertEqual({ok, ["rebar.config"]}, file:list_dir(filename:dirname(Real))).

-spec a_script_is_left_to_its_author([tuple()]) -> term().
a_script_is_left_to_its_author(Config) ->
    #{rebar_config := File} = Context = context(Config, "script"),
    ok = write(filename:dirname(File), "rebar.config", text()),
    ok = write(filename:dirname(File), "rebar.config.script", "CONFIG.\n"),
    Set = #{args => [<<"set">>, <<"one">>], url => <<"https://1.example.com">>},
    {error, {failed, #{message := Message}}} = hexide_cmd_repo:run(Context, Set),
    [has(Message, Part) || Part <- ["was left as it is", "a script computes it", "#{name => <<\"one\">>",
                                    "https://1.example.com"]],
    ?assertEqual({ok, text()}, file:read_file(File)).

%% --- with rebar3

-spec stock_rebar3_fetches_from_an_added_repository([tuple()]) -> term().
stock_rebar3_fetches_from_an_added_repository(Config) ->
    ok = file_of_user(Config, ["%% Mine.\n{dist_node, [{sname, 'näme'}]}. % kept\n"]),
    {0, Out, _} = hex(Config, project, ["repo", "add", "house", "--url", proplists:get_value(repo, Config),
                                        "--fetch-public-key", proplists:get_value(fingerprint, Config)]),
    has(Out, "Added house to "),
    has(Out, proplists:get_value(fingerprint, Config)),
    {ok, Text} = file:read_file(rebar_config(Config)),
    has(Text, <<"%% Mine.\n{dist_node, [{sname, 'näme'}]}. % kept\n"/utf8>>),
    %% A project that knows nothing of it but the name of a package.
    Consumer = filename:join(proplists:get_value(base, Config), "consumer"),
    ok = app(Consumer, "consumer", "0.1.0", ["brick"]),
    ok = write(Consumer, "rebar.config", "{deps, [{brick, \"~> 1.0\"}]}.\n"),
    {0, _, _} = run(Config, Consumer, "rebar3", ["compile"]),
    ?assert(filelib:is_regular(filename:join(Consumer, "_build/default/lib/brick/ebin/brick.app"))).

-spec it_is_listed_and_shown_without_its_key([tuple()]) -> term().
it_is_listed_and_shown_without_its_key(Config) ->
    {0, Set, _} = hex(Config, project, ["repo", "set", "house", "--auth-key", "very-secret"]),
    has(Set, "Changed house."),
    {ok, [#{<<"house">> := #{repo_key := <<"very-secret">>}}]} = file:consult(hex_config(Config)),
    {0, List, _} = hex(Config, project, ["repo", "list"]),
    [{match, _} = re:run(List, Row) || Row <- ["\nhouse +http.* +kept +you\n", "\nhexpm +https.* +rebar3\n"]],
    {0, Show, _} = hex(Config, project, ["repo", "show", "house"]),
    {match, [Lines]} = re:run(Show, "In rebar.config:\n(.*)", [dotall, {capture, all_but_first, list}]),
    {ok, Tokens, _} = erl_scan:string(Lines),
    #{public_key := Pem, repo_url := Repo} = proplists:get_value(info, Config),
    ?assertEqual({ok, {hex, [{repos, [#{name => <<"house">>, repo_url => Repo, repo_public_key => Pem}]}]}},
                 erl_parse:parse_term(Tokens)),
    {0, Json, _} = hex(Config, project, ["repo", "show", "house", "--json"]),
    [has(Json, Part) || Part <- ["\"auth_key\": true", "\"from\": \"user\"", "\"used\": true"]],
    [hasnt(Text, "very-secret") || Text <- [Set, List, Show, Json]].

-spec setting_and_removing_reach_both_files([tuple()]) -> term().
setting_and_removing_reach_both_files(Config) ->
    {0, Out, _} = hex(Config, project, ["repo", "remove", "house"]),
    has(Out, "Removed house"),
    {ok, [{dist_node, _}, {hex, [{repos, []}]}]} = file:consult(rebar_config(Config)),
    {ok, [Content]} = file:consult(hex_config(Config)),
    ?assertEqual(#{}, Content),
    {1, <<>>, Gone} = hex(Config, project, ["repo", "show", "house"]),
    has(Gone, "There is no repository `house`"),
    {2, <<>>, Usage} = hex(Config, project, ["repo", "add", "house"]),
    has(Usage, "rebar3 hex help repo").

%% --- helpers

text() ->
    unicode:characters_to_binary(
      ["%% A file of somebody, with its größe.\n\n",
       "{deps, [% none\n  ]}.\n",
       "{hex, [{doc, edoc}, % größe\n  {repos, [\n",
       "    #{name => <<\"one\">>, repo_url => <<\"https://one.example.com\">>},\n",
       "    % the second\n",
       "    #{name => <<\"two\">>,\n     repo_url => <<\"https://two.example.com\">>, trusted => true}\n",
       "  ]}]}. % after\n"]).

%% What a project that names `mine' gives the command.
context(Config, Folder) ->
    Dir = filename:join(proplists:get_value(base, Config), Folder),
    #{config => #{}, rebar_config => filename:join(Dir, "rebar.config"), user_file => filename:join(Dir, "hex.config"),
      repositories => [#{name => <<"mine">>, repo_url => <<"http://localhost">>, api_url => undefined,
                         public_key => undefined, signed_in => false},
                       #{name => <<"hexpm">>, repo_url => <<"https://repo.hex.pm">>, public_key => undefined,
                         api_url => <<"https://hex.pm/api">>, signed_in => false}]}.

rebar_config(Config) ->
    filename:join(filename:dirname(hex_config(Config)), "rebar.config").

file_of_user(Config, Text) ->
    ok = filelib:ensure_dir(rebar_config(Config)),
    file:write_file(rebar_config(Config), unicode:characters_to_binary(Text)).

publish(Settings, Name) ->
    File = "src/" ++ Name ++ ".app.src",
    {ok, #{tarball := Tarball}} =
        hexide_tarball:create(#{<<"name">> => list_to_binary(Name), <<"version">> => <<"1.0.0">>,
                                <<"app">> => list_to_binary(Name), <<"description">> => <<"A package">>,
                                <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>],
                                <<"requirements">> => #{}, <<"files">> => [list_to_binary(File)]},
                              [{File, iolist_to_binary(["{application, ", Name, ", [{vsn, \"1.0.0\"}, {applications, "
                                                        "[kernel, stdlib]}]}.\n"])}]),
    {ok, _} = hexide_release:publish(Settings, Tarball),
    ok.
