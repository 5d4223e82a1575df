%% @doc The namespace that the commands are reached by: `hex', or what `{hexide, [{namespace, NAME}]}' in a
%% rebar.config says. Pure.
-module(rebar3_hexide_namespace).

-export([chosen/1]).

-define(DEFAULT, hex).

%% @doc The namespace that the entry `hexide' of a rebar.config chooses. `default' is where rebar3's own tasks are.
-spec chosen(term()) -> atom().
chosen(Settings) when is_list(Settings) ->
    case lists:keyfind(namespace, 1, [Setting || Setting <- Settings, is_tuple(Setting)]) of
        {namespace, Name} when is_atom(Name), Name =/= default, Name =/= undefined -> Name;
        _ -> ?DEFAULT
    end;
chosen(_) ->
    ?DEFAULT.
