%% @doc Why a command failed: the library's reasons, and two of the commands' own.
-module(hexide_failure).

-export([usage/2, failed/1, fault/1, about/2, missing/2, missing/3, given_key/1, format/1, report/1, exit_code/1,
         exit_codes/0]).

-export_type([failure/0]).

-type failure() :: {hexide_error:code(), #{message => binary(), published => non_neg_integer(), out => [upload()],
                                           not_out => [upload()], atom() => term()}}
                 | {usage, #{message := binary(), command := binary() | undefined}}
                 | {failed, #{message := binary()}}.
%% The library's reasons, with `published' (how many packages) where something was to be uploaded, and what is
%% `out' and what is not. `usage': the command was written wrongly. `failed': something local went wrong (git,
%% the documentation generator), and the message says what to do.

-type upload() :: #{what := package | docs, name := binary(), version := binary()}.

%% @doc The command was written wrongly.
-spec usage(binary() | undefined, iodata()) -> failure().
usage(Command, Message) ->
    {usage, #{command => Command, message => unicode:characters_to_binary(Message)}}.

%% @doc Something local went wrong.
-spec failed(unicode:chardata()) -> failure().
failed(Message) ->
    {failed, #{message => hexide_text:binary(unicode:characters_to_list(Message))}}.

%% @doc An exception ended the command: a fault of ours.
-spec fault(binary()) -> failure().
fault(Described) ->
    {internal, #{message => <<"the command crashed, and may have been done in part: ", Described/binary>>}}.

%% @doc The same failure, which says first what could not be done.
-spec about(iodata(), failure()) -> failure().
about(What, {Code, Details}) ->
    Message = maps:get(message, Details, <<>>),
    {Code, Details#{message => unicode:characters_to_binary([What, ": ", Message])}}.

%% @doc The same failure; where something does not exist, it names that and not an address.
-spec missing(iodata(), failure()) -> failure().
missing(What, {not_found, Details}) ->
    Message = unicode:characters_to_binary(["there is no ", What, ", or you may not see it"]),
    {not_found, Details#{message => Message}};
missing(_, Failure) ->
    Failure.

%% @doc The same of something that is no package: what to do next is another thing for each kind.
-spec missing(key | organization | member | owner | user, iodata(), failure()) -> failure().
missing(Kind, Name, {not_found, Details}) ->
    Reason = <<"no_", (atom_to_binary(Kind))/binary>>,
    missing([atom_to_binary(Kind), " ", Name], {not_found, Details#{reason => Reason}});
missing(_, _, Failure) ->
    Failure.

%% @doc The same failure of a command that was given an API key: signing in would not help.
-spec given_key(failure()) -> failure().
given_key({unauthorized, Details}) ->
    {unauthorized, maps:merge(#{reason => <<"given_key">>}, Details)};
given_key(Failure) ->
    Failure.

%% @doc What happened, and what to do next.
-spec format(failure()) -> binary().
format({usage, #{message := Message, command := undefined}}) ->
    <<(sentence(Message))/binary, " See `rebar3 hex help`.">>;
format({usage, #{message := Message, command := Command}}) ->
    <<(sentence(Message))/binary, " See `rebar3 hex help ", Command/binary, "`.">>;
format({failed, #{message := Message}}) ->
    sentence(Message);
format(Reason) ->
    hexide_error:format(Reason).

%% @doc The same for programs: the code, the sentence and the details that carry no secret.
-spec report(failure()) -> map().
report({Code, Details} = Failure) ->
    Shown = maps:with([command, status, errors, url, reason, retry_after, path, key, limit, expected, actual, problems,
                       upload], Details),
    Uploads = maps:from_list([{published, Out} || #{out := Out} <- [Details]]
                             ++ [{not_published, NotOut} || #{not_out := NotOut} <- [Details]]),
    #{error => maps:merge(Shown#{code => Code, message => format(Failure)}, Uploads)}.

%% @doc All exit codes, and what they mean.
-spec exit_codes() -> [#{code := 0..130, means := binary()}].
exit_codes() ->
    [#{code => 0, means => <<"done">>},
     #{code => 1, means => <<"a negative answer: not found, not allowed, refused; or hexide itself failed">>},
     #{code => 2, means => <<"wrong usage: nothing was tried">>},
     #{code => 3, means => <<"the network or the server failed">>},
     #{code => 130, means => <<"Ctrl-C stopped it; the message says what state things are in">>}].

%% @doc The exit code: 1 for a negative answer, 2 for wrong usage, 3 for the network or the server, 130 (as shells
%% have it) after Ctrl-C.
-spec exit_code(failure()) -> 1..3 | 130.
exit_code({usage, _}) -> 2;
exit_code({cancelled, #{reason := <<"interrupted">>}}) -> 130;
exit_code({Code, _}) ->
    case lists:member(Code, [connect, tls, timeout, protocol, server, rate_limited, busy, offline]) of
        true -> 3;
        false -> 1
    end.

sentence(Message) ->
    Text = string:trim(Message),
    Ended = case lists:member(binary:last(<<" ", Text/binary>>), ".!?") of
                true -> Text;
                false -> <<Text/binary, ".">>
            end,
    string:titlecase(Ended).
