#!/usr/bin/env escript
%% coding: utf-8
%% Writes terms.jsonl: texts, and what the two readers of Erlang make of each.
%%
%%     escript terms.escript EBIN > terms.jsonl
%%
%% where EBIN is a folder with the modules of rebar3, r3_safe_erl_term (the reference's reader of metadata) among
%% them: unzip rebar3's escript to have one. A line is {"text", "metadata", "config"}; the latter two are what
%% the reference's reader and file:consult/1 gave, a list of terms as erlang:term_to_binary/1 in hexadecimal, or null
%% where the text was refused. Made with OTP 25 and rebar3 3.19. The atoms of the texts exist beforehand, since the
%% reference takes no others.
-mode(compile).

main([Ebin]) ->
    true = code:add_patha(Ebin),
    {module, _} = code:load_file(r3_safe_erl_term),
    ok = io:setopts([{encoding, unicode}]),
    _ = [binary_to_atom(A) || A <- [<<"a b">>, <<"x">>, <<"y">>, <<"ff">>, <<"no_such">>, <<"ä"/utf8>>,
                                    <<"A">>, <<"\n">>, <<"\e">>, <<"e5">>, <<"日"/utf8>>, <<"x@y_Z9">>,
                                    <<"x41">>, <<"it's">>, binary:copy(<<"a">>, 255)]],
    File = "terms.tmp",
    lists:foreach(fun(Text) ->
        ok = file:write_file(File, unicode:characters_to_binary(Text)),
        io:format("{\"text\":\"~ts\",\"metadata\":~ts,\"config\":~ts}~n",
                  [escape(Text), hex(metadata(Text)), hex(config(File))])
    end, texts()),
    ok = file:delete(File).

metadata(Text) ->
    try
        {ok, Tokens, _} = r3_safe_erl_term:string(Text),
        {ok, r3_safe_erl_term:terms(Tokens)}
    catch
        error:_ -> refused
    end.

config(File) ->
    case file:consult(File) of
        {ok, Terms} -> {ok, Terms};
        {error, _} -> refused
    end.

hex(refused) -> "null";
hex({ok, Terms}) ->
    [$", string:lowercase(binary:encode_hex(term_to_binary(Terms, [{minor_version, 2}]))), $"].

escape(Text) -> [escape_char(C) || C <- Text].
escape_char(C) when C =:= $"; C =:= $\\ -> [$\\, C];
escape_char(C) when C < 32; C =:= 127; C >= 128, C =< 160 -> io_lib:format("\\u~4.16.0b", [C]);
escape_char(C) -> C.

texts() ->
    Values =
        ["1", "-1", "+1", "- 1", "--1", "- -1", "+-1", "-a", "1-2", "0", "007", "1_000", "1__0", "1_", "_1",
         "9223372036854775807", "-9223372036854775808", "9223372036854775808", "123456789012345678901234567890",
         "1.5", "-1.5", "+1.5", "1.5e3", "1.5E-3", "1.5e+3", "1.0e308", "1.0e309", "1.e5", "1e5", ".5", "1_0.2_5",
         "1.5e1_0", "0.0", "-0.0", "16#ff", "16#FF", "-16#ff", "16#F_F", "2#102", "2#10", "36#z", "37#1", "1#0",
         "16#", "0x10", "$a", "$\\n", "$\\x41", "$\\\\", "$ ", "-$a", "$", "$\\101", "$日", "$\"",
         "x", "x@y_Z9", "X", "_", "_x", "end", "'end'", "maybe", "else", "'a b'", "''", "'it\\'s'", "'\\n'", "'A'", "'日'", "ä",
         "'\\x41'", "'x' 'y'", "a.b", "true", "undefined",
         lists:duplicate(255, $a), lists:duplicate(256, $a),
         "\"\"", "\"x\"", "\"x\" \"y\"", "\"x\"\"y\"", "\"é日😀\"", "\"x\ny\"", "\"x\\ny\"", "\"x\\\ny\"", "\"x\\ y\"",
         "\"\\x41\"", "\"\\x4\"", "\"\\x{65e5}\"", "\"\\x{}\"", "\"\\x{110000}\"", "\"\\x{d800}\"", "\"\\x\"", "\"\\xzz\"",
         "\"\\101\"", "\"\\10\"", "\"\\1\"", "\"\\0\"", "\"\\777\"", "\"\\8\"", "\"\\1018\"", "\"\\^A\"", "\"\\^a\"",
         "\"\\^[\"", "\"\\^?\"", "\"\\^\"", "\"\\b\\d\\e\\f\\n\\r\\s\\t\\v\"", "\"\\q\\'\\\"\\\\x\"", "\"\\a\"", "\"x", "'x", "\"\\", "\"x\\\"",
         "\"\\x{1F600}\"", "\"\\x{000041}\"",
         "<<>>", "<<\"\">>", "<<\"x\">>", "<< \"x\" >>", "<<\"x\"/utf8>>", "<<\"é\">>", "<<\"é\"/utf8>>", "<<\"日\">>",
         "<<\"日\"/utf8>>", "<<\"x\" \"y\">>", "<<\"x\" \"日\"/utf8>>", "<<\"x\",\"y\">>", "<<\"x\",10,\"y\">>",
         "<<\"日\"/utf8,1>>", "<<1,2>>", "<<1,>>", "<<,1>>", "<<256>>", "<<-1>>", "<<+1>>", "<<300/utf8>>", "<<55296/utf8>>",
         "<<1/integer>>", "<<\"x\"/integer>>", "<<\"x\"/utf8-big>>", "<<1/little-unsigned>>", "<<1/big-signed>>",
         "<<\"x\"/binary>>", "<<1/x>>", "<<1/>>", "<<1:8>>", "<<1:4>>", "<<\"x\":8>>", "<<1/utf16>>", "<<1.5>>", "<<1.5/float>>",
         "<<x>>", "<<$a>>", "<<\\x>>", "<<<<1>>>>", "<<{}>>", "<<\"\\x{65e5}\"/utf8>>", "<<\"\\377\">>", "<<\"\\777\">>",
         "<<\"\\777\"/utf8>>", "<<1", "<<1>", "<< <1>>", "<<\"x\\\\\">>", "<<\"x\\\\y\">>", "<<\"\\\\\\\"\">>",
         "<<16#ff>>", "<<\"a\"/utf8/utf8>>",
         "[]", "[ ]", "[x]", "[x,y]", "[x,]", "[,x]", "[x y]", "[x|y]", "[x|[y]]", "[x|[]]", "[x|\"y\"]", "[x,y|[]]",
         "[|x]", "[x|y,z]", "[[[]]]", "[1,2,3]", "[\"x\",\"y\"]", "[", "]", "[x}", "[{x,1},{y,2}]",
         "{}", "{x}", "{x,}", "{,}", "{x y}", "{{{}}}", "{", "}",
         "#{}", "# {}", "#{x=>y}", "#{x => y, y => x}", "#{x=>1,x=>2}", "#{x=>1,y=>0,x=>2}", "#{1=>a,1.0=>b}", "#{x:=y}", "#{x}", "#{x=>}", "#{x=>y,}",
         "#{<<\"x\">>=><<\"y\">>}", "#{\"x\"=>\"y\",[120]=>z}", "#x{}", "#{#{}=>#{}}", "#", "#{x=<<\"y\">>}",
         "(1)", "fun x:y/1", "x:y", "x/1", "x()", "1+1", "<0.1.0>", "?X", "x!y", "x;y", "`x`", "~s\"x\"", "\\x", "=>", "x=>y"],
    ["{<<\"k\">>," ++ Value ++ "}.\n" || Value <- Values] ++
        ["", " ", "\n", ".", "x", "x.", "x.y.", "x. y.", "x.\ny.", "x.\ty.", "x.%y", "x..", "x. .", "x...", "x.y", "x .", "x\n.\n",
         "% c\nx.", "x. % c", "x. % c\n", "x % c\n.", "%% coding: utf-8\nx.", "{x,%c\ny}.", "<<\"%\">>.", "\"%\".", "'%'.",
         "x,y.", "{x}.{y}.", "{x}.\n{y}.\n", "{x}\n{y}.", "1.2.", "1.\n2.\n", "1. 2.", "1.", "1.x", "\x{0}x.", "x\x{1}.", "\x{feff}x.",
         "x.\x{a0}", "x.\x{85}y.", "\r\nx.\r\n", "{x,\r\ny}.\r\n", "\"x\r\ny\".",
         "{<<\"a\">>,<<\"x\\\\\">>}.\n{<<\"b\">>,<<\"y\">>}.\n", "#{x=>y}.", "-1.", "- 1 ."].
