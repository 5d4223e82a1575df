%% The example of the README is what it says: it is run as it stands there. That in Elixir runs under ExUnit.
-module(readme_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([erlang_example/1]).

all() ->
    [erlang_example].

erlang_example(_) ->
    [Code | _] = blocks("erlang"),
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Code)),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    ?assert(length(string:split(Code, "\n", all)) =< 14),
    {value, ok, _} = erl_eval:exprs(Expressions, erl_eval:new_bindings()).

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
