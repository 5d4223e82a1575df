%% @doc What generates a project's documentation, as `{hex, [{doc, ...}]}' of its rebar.config says.
-module(hexide_doc_generator).

-export([read/1, command/3]).

-export_type([generator/0]).

-type generator() :: default | none | {provider, atom() | any, atom()} | {command, binary()}.
%% `default': nothing is said. `none': it is there already. `provider': a task of the build tool, in that namespace.
%% `command': a line for the shell.

%% How much of what a command said stands in the error: all of it has been shown before.
-define(LAST_LINES, 5).
-define(LONGEST_LINE, 4096).

%% @doc Reads the options of `hex'.
-spec read(term()) -> {ok, generator()} | {error, hexide_failure:failure()}.
read(Options) when is_list(Options) ->
    case lists:keyfind(doc, 1, [Option || Option <- Options, is_pair(Option)]) of
        false -> {ok, default};
        {doc, Said} ->
            case generator(Said) of
                {ok, _} = Read -> Read;
                error ->
                    Shown = io_lib:format("{hex, [{doc, ~0tp}]}", [Said]),
                    {error, hexide_failure:failed([Shown, " in rebar.config names no generator; write {doc, TASK}, "
                                                   "{doc, {NAMESPACE, TASK}}, {doc, \"COMMAND\"}, or {doc, none} where it is "
                                                   "there already"])}
            end
    end;
read(_) ->
    {ok, default}.

is_pair(Option) ->
    is_tuple(Option) andalso tuple_size(Option) =:= 2.

generator(none) -> {ok, none};
generator({command, Line}) when not is_atom(Line) -> line(Line);
generator(#{provider := Provider}) -> provider(Provider);
generator(Line) when is_binary(Line); is_list(Line) -> line(Line);
generator(Provider) -> provider(Provider).

provider({Namespace, Name}) when is_atom(Namespace), is_atom(Name) -> {ok, {provider, Namespace, Name}};
provider(Name) when is_atom(Name) -> {ok, {provider, any, Name}};
provider(_) -> error.

line(Line) ->
    try string:trim(hexide_text:binary(Line)) of
        <<>> -> error;
        Text -> {ok, {command, Text}}
    catch
        error:badarg -> error
    end.

%% @doc Runs a command line in that folder, by the shell and without input. Each line that it prints is told at once.
-spec command(file:filename_all(), binary(), fun((unicode:chardata()) -> term())) ->
          ok | {error, hexide_failure:failure()}.
command(Dir, Line, Tell) ->
    {Shell, Args} = shell(os:type(), Line),
    case os:find_executable(Shell) of
        false -> {error, hexide_failure:failed(["`", Line, "` needs ", Shell, ", which is not installed"])};
        Program ->
            Port = open_port({spawn_executable, Program},
                             [{args, Args}, {cd, Dir}, {line, ?LONGEST_LINE}, binary, exit_status, stderr_to_stdout,
                              hide]),
            follow(Port, Line, Tell, [])
    end.

shell({win32, _}, Line) -> {"cmd", [<<"/c">>, Line]};
shell(_, Line) -> {"sh", [<<"-c">>, <<"exec </dev/null\n", Line/binary>>]}.

follow(Port, Line, Tell, Last) ->
    receive
        {Port, {data, {_, Data}}} ->
            Text = text(Data),
            _ = Tell([Text, "\n"]),
            follow(Port, Line, Tell, lists:sublist([Text | Last], ?LAST_LINES));
        {Port, {exit_status, 0}} -> ok;
        {Port, {exit_status, Status}} ->
            Said = [["; the last that it said:\n", lists:join("\n", lists:reverse(Last))] || Last =/= []],
            {error, hexide_failure:failed(["the documentation could not be generated: `", Line, "` ended with exit "
                                           "code ", integer_to_list(Status), Said])}
    end.

text(Data) ->
    case unicode:characters_to_binary(Data) of
        Text when is_binary(Text) -> Text;
        _ -> unicode:characters_to_binary(Data, latin1)
    end.
