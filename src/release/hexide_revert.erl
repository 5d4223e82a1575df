%% @doc Taking a published version back, or its documentation.
-module(hexide_revert).

-export([run/3]).

%% @doc Answers `#{reverted => #{name, version, what => package | docs}}'. Asks before.
-spec run(hexide_context:context(), hexide_command:options(), binary()) -> hexide_command:outcome().
run(Context, Options, Version) ->
    case hexide_argument:version(<<"publish">>, Version) of
        ok ->
            case {hexide_context:app(Context, Options), hexide_session:ready(Context)} of
                {{ok, App}, ok} -> asked(Context, Options, what(Options), hexide_packaging:name(App), Version);
                {{error, _} = Error, _} -> Error;
                {_, {error, _} = Error} -> Error
            end;
        {error, _} = Error -> Error
    end.

what(#{args := [<<"docs">>]}) -> docs;
what(_) -> package.

asked(Context, Options, What, Name, Version) ->
    Question = ["Take back ", atom_to_list(What), " ", Name, " ", Version, "?"],
    case hexide_context:confirm(Context, Options, Question, <<"nothing was changed">>) of
        ok -> revert(Context, What, Name, Version);
        {error, _} = Error -> Error
    end.

revert(Context, What, Name, Version) ->
    Revert = case What of
                 docs -> fun(Config) -> hexide_docs:revert(Config, Name, Version) end;
                 package -> fun(Config) -> hexide_release:revert(Config, Name, Version) end
             end,
    case hexide_session:call(Context, Revert) of
        ok -> {ok, #{reverted => #{name => Name, version => Version, what => What}}};
        {error, Reason} -> {error, hexide_failure:missing(["release ", Name, " ", Version], Reason)}
    end.
