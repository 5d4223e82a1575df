%% @doc Arguments that people get wrong, and what to say of them.
-module(hexide_argument).

-export([action/3, version/2]).

%% @doc What was given is none of the things that the command does.
-spec action(binary(), [binary()], [binary(), ...]) -> hexide_failure:failure().
action(Command, [Given | _], Actions) ->
    case {lists:member(Given, Actions), hexide_text:nearest(Given, Actions)} of
        {true, _} ->
            hexide_failure:usage(Command, ["`", Command, " ", Given, "` takes other arguments"]);
        {false, {ok, Near}} ->
            hexide_failure:usage(Command, ["`", Given, "` is nothing that ", Command, " does; did you mean `", Near,
                                           "`?"]);
        {false, error} ->
            hexide_failure:usage(Command, ["`", Given, "` is nothing that ", Command, " does, only ", named(Actions)])
    end;
action(Command, [], Actions) ->
    hexide_failure:usage(Command, ["say what to do: ", named(Actions)]).

named([Action]) ->
    Action;
named(Actions) ->
    {Most, [Last]} = lists:split(length(Actions) - 1, Actions),
    [lists:join(", ", Most), " or ", Last].

%% @doc That it is a version as releases have them.
-spec version(binary(), binary()) -> ok | {error, hexide_failure:failure()}.
version(Command, Given) ->
    case hexide_version:parse(Given) of
        {ok, _} -> ok;
        {error, _} ->
            {error, hexide_failure:usage(Command, ["`", Given, "` is no version", hint(Given)])}
    end.

%% Git's tags have a `v', and some leave out what is zero.
hint(<<"v", Plain/binary>>) ->
    case hexide_version:parse(Plain) of
        {ok, _} -> ["; did you mean ", Plain, "?"];
        {error, _} -> hint(Plain)
    end;
hint(Given) ->
    Fuller = [Version || Rest <- [<<".0">>, <<".0.0">>], Version <- [<<Given/binary, Rest/binary>>],
                         element(1, hexide_version:parse(Version)) =:= ok],
    case Fuller of
        [Version | _] -> ["; did you mean ", Version, "?"];
        [] -> ", which has three numbers, such as 1.2.3 or 2.0.0-rc.1"
    end.
