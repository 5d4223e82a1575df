%% Secrets that can be told from everything else, and the search for them in text.
-module(secret_marks).

-export([make/1, searcher/1, found/2, forms/1, terms/1, exception/3]).

%% As few characters of a secret in a row are a leak.
-define(PIECE, 16).

%% A random secret under each name.
make(Names) ->
    maps:from_list([{Name, string:lowercase(binary:encode_hex(crypto:strong_rand_bytes(20)))} || Name <- Names]).

%% What finds these secrets, whatever they are written as.
searcher(Marks) ->
    Wanted = maps:from_list([{Text, {Name, Form}} || {Name, Mark} <- maps:to_list(Marks), {Form, Text} <- forms(Mark)]),
    {binary:compile_pattern(maps:keys(Wanted)), Wanted}.

%% The ways to write a secret: its beginning and its end as they are, and the whole of it encoded.
forms(Mark) when byte_size(Mark) > ?PIECE ->
    Whole = binary_to_list(Mark),
    [{text, binary:part(Mark, 0, ?PIECE)}, {text, binary:part(Mark, byte_size(Mark), -?PIECE)},
     {hex, binary:encode_hex(Mark)}, {hex, string:lowercase(binary:encode_hex(Mark))},
     {percent, percent(Mark)}, {percent, string:lowercase(percent(Mark))},
     {list, iolist_to_binary(lists:join(",", [integer_to_list(Byte) || Byte <- Whole]))}]
        ++ [{base64, base64(Before, Mark)} || Before <- [0, 1, 2]].

percent(Mark) ->
    iolist_to_binary([["%", binary:encode_hex(<<Byte>>)] || <<Byte>> <= Mark]).

%% What is between other bytes, as in `Basic' of a name and a password: the characters that are its alone.
base64(Before, Mark) ->
    Encoded = base64:encode(<<0:(8 * Before), Mark/binary>>),
    First = (Before * 8 + 5) div 6,
    binary:part(Encoded, First, (Before + byte_size(Mark)) * 8 div 6 - First).

%% The secrets in a text, also where printing has broken them over lines.
found(Text, {Pattern, Wanted}) ->
    Bytes = case unicode:characters_to_binary(Text) of
                Converted when is_binary(Converted) -> Converted;
                _ -> iolist_to_binary(Text)
            end,
    Joined = binary:replace(binary:replace(Bytes, [<<"\n">>, <<" ">>, <<"\t">>, <<"\r">>], <<>>, [global]),
                            <<"\"\"">>, <<>>, [global]),
    lists:usort([maps:get(binary:part(Each, Place), Wanted) || Each <- [Bytes, Joined],
                                                               Place <- binary:matches(Each, Pattern)]).

%% A term in all the ways that a shell, a log or a crash report prints it.
terms(Term) ->
    [io_lib:format(Format, [Term]) || Format <- ["~0tp~n", "~p~n", "~w~n"]].

%% The same of an exception, with what the runtime itself explains of it.
exception(Class, Reason, Stack) ->
    [terms({Class, Reason, Stack}), erl_error:format_exception(Class, Reason, Stack)].
