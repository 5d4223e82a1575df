%% The examples of the README are what they say: each is run as it stands there.
-module(readme_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([erlang_example/1, elixir_example/1]).

all() ->
    [erlang_example, elixir_example].

erlang_example(_) ->
    [Code] = blocks("erlang"),
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Code)),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    ?assert(length(string:split(Code, "\n", all)) =< 14),
    {value, ok, _} = erl_eval:exprs(Expressions, erl_eval:new_bindings()).

elixir_example(Config) ->
    case os:find_executable("elixir") of
        false -> {skip, "elixir is not installed"};
        Elixir ->
            [Code] = blocks("elixir"),
            Script = filename:join(proplists:get_value(priv_dir, Config), "example.exs"),
            ok = file:write_file(Script, Code),
            Paths = lists:append([["-pa", filename:dirname(code:which(Module))] || Module <- [hexide_package]]),
            Port = open_port({spawn_executable, Elixir},
                             [exit_status, stderr_to_stdout, binary, {args, Paths ++ [Script]}]),
            ?assertMatch({0, _}, finished(Port, <<>>))
    end.

finished(Port, Output) ->
    receive
        {Port, {data, More}} -> finished(Port, <<Output/binary, More/binary>>);
        {Port, {exit_status, Status}} -> {Status, Output}
    after 60_000 -> error({no_end, Output})
    end.

%% The code blocks of a language.
blocks(Language) ->
    {ok, Text} = file:read_file(filename:join(root(), "README.md")),
    {match, Blocks} = re:run(Text, ["```", Language, "\\n(.*?)```"], [global, dotall, {capture, all_but_first, binary}]),
    lists:append(Blocks).

%% Where the checkout is, from the place of the library's own code in it.
root() ->
    parent_with("README.md", filename:dirname(code:which(?MODULE))).

parent_with(Name, Folder) ->
    case filelib:is_regular(filename:join(Folder, Name)) of
        true -> Folder;
        false ->
            Parent = filename:dirname(Folder),
            ?assertNotEqual(Folder, Parent),
            parent_with(Name, Parent)
    end.
