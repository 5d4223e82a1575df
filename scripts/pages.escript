#!/usr/bin/env escript
%% The pages of docs/commands, made of the table of commands, and docs/schema, made of the shapes of their answers.
%%
%%   escript scripts/pages.escript EBIN           writes them
%%   escript scripts/pages.escript --check EBIN   exits 1 where one is not what the table says

main(["--check", Ebin]) ->
    Made = pages(Ebin),
    Stale = [File || {File, Text} <- Made, file:read_file(File) =/= {ok, Text}]
        ++ [File || File <- there(), not lists:keymember(File, 1, Made)],
    [io:format("~ts is not what the tables of commands and answers say~n", [File]) || File <- Stale],
    halt(min(1, length(Stale)));
main([Ebin]) ->
    Made = pages(Ebin),
    [ok = file:delete(File) || File <- there()],
    [begin ok = filelib:ensure_dir(File), ok = file:write_file(File, Text) end || {File, Text} <- Made],
    ok.

there() ->
    filelib:wildcard(folder("commands") ++ "/*.md") ++ filelib:wildcard(folder("schema") ++ "/*.json").

folder(Name) ->
    filename:join([filename:dirname(filename:dirname(filename:absname(escript:script_name()))), "docs", Name]).

pages(Ebin) ->
    true = code:add_patha(Ebin),
    Commands = hexide_command:all(),
    [{filename:join(folder("commands"), "README.md"), unicode:characters_to_binary(index(Commands))}
     | [{filename:join(folder("commands"), binary_to_list(Name) ++ ".md"), unicode:characters_to_binary(page(Command))}
        || #{name := Name} = Command <- Commands]]
        ++ [{filename:join(folder("schema"), binary_to_list(Name) ++ ".json"),
             unicode:characters_to_binary([json(hexide_answer:schema(Name), "\n"), "\n"])}
            || Name <- hexide_answer:all()].

json({[]}, _) -> "{}";
json({Members}, Break) ->
    Deeper = Break ++ "  ",
    ["{", lists:join(",", [[Deeper, json(Key, Deeper), ": ", json(Value, Deeper)] || {Key, Value} <- Members]), Break,
     "}"];
json(Values, Break) when is_list(Values) ->
    case lists:all(fun erlang:is_binary/1, Values) of
        true -> ["[", lists:join(", ", [json(Value, Break) || Value <- Values]), "]"];
        false ->
            Deeper = Break ++ "  ",
            ["[", lists:join(",", [[Deeper, json(Value, Deeper)] || Value <- Values]), Break, "]"]
    end;
json(Value, _) when is_boolean(Value) -> atom_to_list(Value);
json(Text, _) ->
    %% No text of a schema has a character that JSON writes in another way.
    nomatch = re:run(Text, "[\"\\\\\\x00-\\x1f]"),
    ["\"", Text, "\""].

index(Commands) ->
    ["# The commands\n\n", made(), "| command | |\n| --- | --- |\n",
     [["| [`", Name, "`](", Name, ".md) | ", Summary, " |\n"] || #{name := Name, summary := Summary} <- Commands],
     "\n`rebar3 hex` alone prints an overview, `rebar3 hex PACKAGE [VERSION]` is `info`, and `rebar3 hex KEY [VALUE]` is\n"
     "`config`. Every command takes `--json`, and then prints one JSON document on stdout; everything else goes to stderr.\n"
     "Its shape is in [docs/schema](../schema): a JSON Schema for each command, and [error.json](../schema/error.json) for\n"
     "what fails. Keys may be added; those that are there keep their meaning.\n\n"
     "With `HEX_OFFLINE=1` a command that only reads answers from what an earlier run has cached, says on stderr how old\n"
     "that is, and has in its JSON the time of the oldest reply as `cached_at`. What is not cached, and every change, is\n"
     "an error with exit code 3.\n\n"
     "Where another plugin has the namespace `hex`, or the name is not to your taste, `{hexide, [{namespace, NAME}]}.` in\n"
     "the rebar.config that lists the plugin (yours or the project's) makes it `rebar3 NAME`.\n\n"
     "| exit code | means |\n| --- | --- |\n",
     [["| ", integer_to_list(Code), " | ", Means, " |\n"]
      || #{code := Code, means := Means} <- hexide_failure:exit_codes()]].

page(#{name := Name, summary := Summary, forms := Forms, examples := Examples} = Command) ->
    ["# rebar3 hex ", Name, "\n\n", made(), Summary, ".\n\n```sh\n", [["rebar3 hex ", Form, "\n"] || Form <- Forms],
     "```\n\n", [[Note, "\n\n"] || Note <- maps:get(notes, Command, [])],
     "| option | |\n| --- | --- |\n", [option(Option) || Option <- hexide_command:options(Command)],
     "\n## Examples\n\n```sh\n", [["rebar3 hex ", Example, "\n"] || Example <- Examples], "```\n\n",
     "With `--json` it answers as [", Name, ".json](../schema/", Name, ".json) says.\n"].

option(#{long := Long, help := Help} = Option) ->
    Short = case Option of
                #{short := Char} -> ["`-", Char, "` "];
                #{} -> []
            end,
    Value = case Option of
                #{value := Placeholder} -> [" ", string:replace(Placeholder, "|", "\\|", all)];
                #{} -> []
            end,
    ["| ", Short, "`--", Long, Value, "` | ", Help, " |\n"].

made() ->
    "<!-- Made by `make pages` from src/command/hexide_command.erl. -->\n\n".
