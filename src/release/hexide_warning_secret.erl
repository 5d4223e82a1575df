%% @doc Files of a package that look like secrets, by their names and by what stands in them. What was found is
%% never shown, only where.
-module(hexide_warning_secret).

-export([about/1]).

%% Of a file so much is read: a secret is in what people wrote, which is short.
-define(MOST, 4 bsl 20).

%% @doc The files that nobody should get to see.
-spec about([hexide_package_files:file()]) -> [hexide_warning:warning()].
about(Files) ->
    lists:append([found(File) || File <- Files]).

found({Path, _} = File) ->
    Content = content(File),
    case {within(Path, Content), by_name(string:lowercase(filename:basename(Path)), Content)} of
        {[], {true, What}} -> [#{kind => secret, path => Path, message => <<Path/binary, " is ", What/binary>>}];
        {Within, _} -> Within
    end.

%% A link is packed as such: what it leads to stays here.
content({_, {disk, Path}}) ->
    case file:read_link(Path) of
        {ok, _} -> <<>>;
        {error, _} ->
            case file:open(Path, [read, raw, binary]) of
                {ok, Device} ->
                    Read = file:read(Device, ?MOST),
                    ok = file:close(Device),
                    case Read of
                        {ok, Content} -> Content;
                        _ -> <<>>
                    end;
                {error, _} -> <<>>
            end
    end;
content({_, Content}) ->
    Content.

by_name(<<".env">>, _) -> {true, <<"a file of environment variables, which often holds secrets">>};
by_name(<<".env.", Kind/binary>>, Content) ->
    case re:run(Kind, "example|sample|template|dist|default", [{capture, none}]) of
        match -> false;
        nomatch -> by_name(<<".env">>, Content)
    end;
by_name(<<"hex.config">>, _) -> {true, <<"where rebar3 keeps API keys">>};
by_name(Name, _) when Name =:= <<".netrc">>; Name =:= <<".pgpass">>; Name =:= <<".git-credentials">> ->
    {true, <<"a file of passwords">>};
by_name(Name, _) when Name =:= <<"id_rsa">>; Name =:= <<"id_dsa">>; Name =:= <<"id_ecdsa">>;
                      Name =:= <<"id_ed25519">> ->
    {true, <<"named as a private key of SSH is">>};
by_name(Name, Content) ->
    case filename:extension(Name) of
        Extension when Extension =:= <<".p12">>; Extension =:= <<".pfx">>; Extension =:= <<".jks">>;
                       Extension =:= <<".keystore">>; Extension =:= <<".kdbx">> ->
            {true, <<"a store of keys">>};
        Extension when Extension =:= <<".key">>; Extension =:= <<".pem">> ->
            %% Certificates and public keys are for everybody.
            case {binary:match(Content, <<"-----BEGIN ">>), binary:match(Content, <<"PRIVATE KEY-----">>)} of
                {{_, _}, nomatch} -> false;
                _ -> {true, <<"named as a private key is">>}
            end;
        _ -> false
    end.

%% What a secret begins with, so that few others are taken for one. The name of a header alone, as programs
%% that read keys have it, is no key.
expressions() ->
    [{<<"a private key">>,
      "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\\\[rn]|\\s)+(?:[A-Za-z0-9+/]{16}|[A-Z][A-Za-z-]+: )"},
     {<<"an access key id of AWS">>, "\\b(?:AKIA|ASIA)[A-Z2-7]{16}\\b(?<!EXAMPLE)"},
     {<<"a token of GitHub">>, "\\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})"},
     {<<"a token of GitLab">>, "\\bglpat-[A-Za-z0-9_-]{20}"},
     {<<"a token of Slack">>, "\\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{10}"},
     {<<"a key of Stripe">>, "\\b[rs]k_live_[0-9A-Za-z]{20}"},
     {<<"a key of Google">>, "\\bAIza[0-9A-Za-z_-]{35}\\b"},
     {<<"a token of npm">>, "\\bnpm_[A-Za-z0-9]{36}\\b"},
     {<<"an API key of Hex">>, "\\bHEX_API_KEY\\s*[=:]\\s*[\"']?[0-9a-f]{32}\\b"}].

within(Path, Content) ->
    [#{kind => secret, path => Path, line => Line,
       message => <<Path/binary, ":", (integer_to_binary(Line))/binary, " looks like ", What/binary>>}
     || {What, Expression} <- expressions(),
        {match, [{At, _}]} <- [re:run(Content, Expression, [{capture, first}])],
        Line <- [1 + length(binary:matches(binary:part(Content, 0, At), <<"\n">>))]].
