%% @doc Reads a command's arguments. Pure: what was written in, options out.
-module(hexide_option).

-export([parse/2]).

%% @doc The options among the arguments, and what is left.
%%
%% Long options (`--name value', `--name=value'), short ones (`-n value', `-nvalue'; flags may be joined:
%% `-yh'), `--no-name' for a flag, and `--', after which nothing is an option. Options and other arguments
%% may come in any order. A single `-' and numbers such as `-1' are no options.
-spec parse(hexide_command:command(), [unicode:chardata()]) ->
          {ok, hexide_command:options()} | {error, hexide_failure:failure()}.
parse(#{name := Name} = Command, Args) ->
    try
        {ok, walk([hexide_text:binary(Arg) || Arg <- Args], hexide_command:options(Command), #{args => []})}
    catch
        throw:{wrong, Message} -> {error, hexide_failure:usage(Name, Message)}
    end.

walk([], _, #{args := Args} = Parsed) ->
    Parsed#{args := lists:reverse(Args)};
walk([<<"--">> | Rest], _, #{args := Args} = Parsed) ->
    Parsed#{args := lists:reverse(Args, Rest)};
walk([<<"--", Long/binary>> | Rest], Table, Parsed) ->
    case binary:split(Long, <<"=">>) of
        [Name, Value] -> walk(Rest, Table, store(with_value(long(Name, Table)), Value, Parsed));
        [Name] -> plain(long(Name, Table), Rest, Table, Parsed)
    end;
walk([<<"-", Short/utf8, Joined/binary>> | Rest], Table, Parsed) when Short < $0 orelse Short > $9 ->
    short(Short, Joined, Rest, Table, Parsed);
walk([Arg | Rest], Table, #{args := Args} = Parsed) ->
    walk(Rest, Table, Parsed#{args := [Arg | Args]}).

%% An option whose value, if it has one, is the next argument.
plain({Option, Value}, Rest, Table, Parsed) when is_boolean(Value) ->
    walk(Rest, Table, put_option(Option, Value, Parsed));
plain(Option, [Value | Rest], Table, Parsed) when Value =/= <<"--">> ->
    walk(Rest, Table, store(Option, Value, Parsed));
plain(Option, _, _, _) ->
    wrong([shown(Option), " needs a value: ", shown(Option), " ", maps:get(value, Option, <<"VALUE">>)]).

short(Short, Joined, Rest, Table, Parsed) ->
    case [Option || #{short := Each} = Option <- Table, Each =:= Short] of
        [#{type := flag} = Option] when Joined =:= <<>> -> walk(Rest, Table, put_option(Option, true, Parsed));
        [#{type := flag} = Option] ->
            walk([<<"-", Joined/binary>> | Rest], Table, put_option(Option, true, Parsed));
        [Option] when Joined =:= <<>> -> plain(Option, Rest, Table, Parsed);
        [Option] -> walk(Rest, Table, store(Option, Joined, Parsed));
        [] -> wrong(["unknown option -", [Short], known(Table)])
    end.

%% Flags come with the value that they have.
long(Name, Table) ->
    case {named(Name, Table), Name} of
        {[#{type := flag} = Option], _} -> {Option, true};
        {[Option], _} -> Option;
        {[], <<"no-", Positive/binary>>} ->
            case named(Positive, Table) of
                [#{type := flag} = Option] -> {Option, false};
                _ -> unknown(Name, Table)
            end;
        {[], _} -> unknown(Name, Table)
    end.

named(Name, Table) ->
    [Option || #{long := Each} = Option <- Table, Each =:= Name].

with_value({Option, _}) -> wrong([shown(Option), " takes no value"]);
with_value(Option) -> Option.

store(#{type := text} = Option, Value, Parsed) ->
    put_option(Option, Value, Parsed);
store(#{type := number} = Option, Value, Parsed) ->
    case string:to_integer(Value) of
        {Number, <<>>} when is_integer(Number), Number >= 0 -> put_option(Option, Number, Parsed);
        _ -> wrong([shown(Option), " needs a number, not `", Value, "`"])
    end;
store(#{type := {one_of, Values}} = Option, Value, Parsed) ->
    case lists:member(Value, Values) of
        true -> put_option(Option, Value, Parsed);
        false -> wrong([shown(Option), " must be one of ", lists:join(", ", Values), ", not `", Value, "`"])
    end.

put_option(#{name := Name, many := true}, Value, Parsed) ->
    Parsed#{Name => maps:get(Name, Parsed, []) ++ [Value]};
put_option(#{name := Name}, Value, Parsed) ->
    Parsed#{Name => Value}.

-spec unknown(binary(), [hexide_command:option()]) -> no_return().
unknown(Name, Table) ->
    case hexide_text:nearest(Name, [Long || #{long := Long} <- Table]) of
        {ok, Near} -> wrong(["unknown option --", Name, "; did you mean --", Near, "?"]);
        error -> wrong(["unknown option --", Name, known(Table)])
    end.

known(Table) ->
    ["; the options are ", lists:join(", ", [shown(Option) || Option <- Table])].

shown(#{long := Long}) ->
    ["--", Long].

-spec wrong(iodata()) -> no_return().
wrong(Message) ->
    throw({wrong, unicode:characters_to_binary(Message)}).
