%% @doc What the providers of all commands have in common.
-module(rebar3_hexide_provider).

-export([module/1, init/3, do/2, getopt/1]).

%% @doc The module of a command's provider.
-spec module(binary()) -> module().
module(<<"publish">>) -> rebar3_hexide_publish;
module(<<"docs">>) -> rebar3_hexide_docs;
module(<<"build">>) -> rebar3_hexide_build;
module(<<"cut">>) -> rebar3_hexide_cut;
module(<<"search">>) -> rebar3_hexide_search;
module(<<"info">>) -> rebar3_hexide_info;
module(<<"organization">>) -> rebar3_hexide_organization;
module(<<"outdated">>) -> rebar3_hexide_outdated;
module(<<"package">>) -> rebar3_hexide_package;
module(<<"owner">>) -> rebar3_hexide_owner;
module(<<"retire">>) -> rebar3_hexide_retire;
module(<<"user">>) -> rebar3_hexide_user;
module(<<"key">>) -> rebar3_hexide_key;
module(<<"repo">>) -> rebar3_hexide_repo;
module(<<"config">>) -> rebar3_hexide_config;
module(<<"server">>) -> rebar3_hexide_server;
module(<<"help">>) -> rebar3_hexide_help.

%% @doc Registers the provider of a command.
-spec init(atom(), module(), rebar_state:t()) -> {ok, rebar_state:t()}.
init(Name, Module, State) ->
    {ok, #{summary := Summary, examples := [Example | _]} = Command} = hexide_command:find(atom_to_binary(Name)),
    Namespace = rebar3_hexide_state:namespace(State),
    Help = hexide_door:document(hexide_help_text:description(Command), {rebar3, Namespace}),
    {ok, rebar3_hexide_state:add_provider(State, [{name, Name}, {module, Module},
                                                  {example, text(["rebar3 ", atom_to_list(Namespace), " ", Example])},
                                                  {short_desc, text(Summary)},
                                                  {desc, text(hexide_layout:plain(Help))},
                                                  {opts, getopt(Command)}])}.

%% @doc Runs a command as one task among others: a failure is rebar3's to report.
-spec do(binary(), rebar_state:t()) -> {ok, rebar_state:t()} | {error, {module(), term()}}.
do(Name, State) ->
    Namespace = rebar3_hexide_state:namespace(State),
    case rebar3_hexide_do:run([Name | rebar3_hexide_state:arguments(State)], State) of
        ok -> {ok, State};
        {negative, Failure} -> {error, {rebar3_hexide_do, {Namespace, Failure}}};
        {error, Failure} -> {error, {rebar3_hexide_do, {Namespace, Failure}}}
    end.

text(Chardata) ->
    unicode:characters_to_list(Chardata).

%% @doc The options as rebar3 wants to be told, in getopt's form.
-spec getopt(hexide_command:command()) -> [{atom(), char() | undefined, string(), atom(), string()}].
getopt(Command) ->
    [{Name, maps:get(short, Option, undefined), binary_to_list(Long), type(Type), binary_to_list(Help)}
     || #{name := Name, long := Long, type := Type, help := Help} = Option <- hexide_command:options(Command),
        Name =/= help].

type(flag) -> undefined;
type(number) -> integer;
type(_) -> string.
