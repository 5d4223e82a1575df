%% @doc The configuration: one table, one fold.
%%
%% Every function of the API takes a configuration map first. It may be partial: what is missing has the
%% default that makes it a client of hex.pm. The keys are those that users of hex_core know; a map made
%% by hex_core or resolved by rebar3 is accepted as it is. {@link resolve/1} makes such a map from
%% options, environment, project and user file, and remembers where each value came from.
%%
%% A secret may be given as text, or as a fun without arguments that returns it. {@link resolve/1} wraps
%% every secret so: a configuration then shows none where it is printed, in a crash report say.
-module(hexide_config).

-export([keys/0, resolve/1, complete/1, native/1, default/1, convert/2, canonical/1, for_repository/2,
         hide/1, reveal/1]).

-export_type([config/0, native/0, key/0, secret/0, source/0, sources/0, resolved/0]).

-type key() :: atom().
-type config() :: #{key() => term()}.
%% Keys and values as {@link keys/0} lists them.

-type native() :: reference().
%% A configuration that is complete and checked, in native memory.

-type secret() :: unicode:chardata() | fun(() -> unicode:chardata() | undefined).

-type source() :: option | environment | project | user | default.
-type sources() :: #{options => config(), environment => [{string(), string()}], project => config(),
                     user => config(), defaults => config()}.
%% `defaults': in place of those of the table.

-type resolved() :: #{config := config(), sources := #{key() => source()}}.

-type type() :: text | secret | url | proxy | {one_of, [atom()]} | boolean | bytes | milliseconds | count | path.
-type variable() :: string() | {string(), fun((string()) -> term())}.
-type entry() :: #{key := key(), environment := [string()], default := term(), type := type(), secret := boolean(),
                   help := binary()}.

%% The table: key, environment variables (the first that is set counts), default, type, help.
-spec table() -> [{key(), [variable()], term(), type(), binary()}].
table() ->
    [{username, ["HEX_USERNAME"], undefined, text, <<"Hex username, the default of prompts">>},
     {api_url, ["HEX_API_URL"], <<"https://hex.pm/api">>, url, <<"Base address of the API">>},
     {api_key, ["HEX_API_KEY"], undefined, secret, <<"API key or OAuth access token">>},
     {api_otp, ["HEX_OTP"], undefined, secret, <<"Two-factor code for the next request">>},
     {api_organization, [], undefined, text, <<"Organization whose keys and members are meant">>},
     {api_repository, [], undefined, text, <<"Repository that API calls are about, for private packages">>},
     {repo_name, [], <<"hexpm">>, text, <<"Name that the signed index must bear">>},
     {repo_url, ["HEX_TRUSTED_MIRROR_URL", "HEX_TRUSTED_MIRROR", "HEX_MIRROR_URL", "HEX_MIRROR", "HEX_CDN"],
      <<"https://repo.hex.pm">>, url, <<"Base address of the repository">>},
     {repo_key, ["HEX_REPO_KEY"], undefined, secret, <<"Key for reading a private repository">>},
     {repo_organization, [], undefined, text, <<"Organization whose private repository is meant">>},
     {repo_public_key, [], undefined, text, <<"Public key of the repository, PEM; hex.pm's is built in">>},
     {repo_verify, [{"HEX_UNSAFE_REGISTRY", fun negated/1}], true, boolean,
      <<"Verify the signature of the index">>},
     {repo_verify_origin, [{"HEX_NO_VERIFY_REPO_ORIGIN", fun negated/1}], true, boolean,
      <<"Verify that the index is of the repository that was asked">>},
     {tarball_max_size, [], 16 bsl 20, bytes, <<"Most bytes of a package tarball">>},
     {tarball_max_uncompressed_size, [], 128 bsl 20, bytes, <<"Most bytes that its contents inflate to">>},
     {docs_tarball_max_size, [], 16 bsl 20, bytes, <<"Most bytes of a documentation tarball">>},
     {docs_tarball_max_uncompressed_size, [], 128 bsl 20, bytes, <<"Most bytes that it inflates to">>},
     {http_proxy, ["http_proxy", "HTTP_PROXY"], undefined, proxy, <<"Proxy for http addresses">>},
     {https_proxy, ["https_proxy", "HTTPS_PROXY"], undefined, proxy, <<"Proxy for https addresses">>},
     {no_proxy, ["no_proxy", "NO_PROXY"], undefined, text, <<"Hosts that are reached without a proxy">>},
     {cacerts_path, ["HEX_CACERTS_PATH"], undefined, path,
      <<"PEM file of the only certificate authorities to trust; the system's by default">>},
     {unsafe_https, ["HEX_UNSAFE_HTTPS"], false, boolean, <<"Do not verify certificates (dangerous)">>},
     {connect_timeout, [], 10_000, milliseconds, <<"Most time for making a connection">>},
     {timeout, [{"HEX_HTTP_TIMEOUT", fun seconds/1}], 15_000, milliseconds,
      <<"Most time without a byte from the peer">>},
     {retries, [], 3, count, <<"How often a request without side effects is tried again">>},
     {http_concurrency, ["HEX_HTTP_CONCURRENCY"], 8, count, <<"Requests at once in bulk work">>},
     {user_agent_fragment, [], undefined, text, <<"What to add to the User-Agent header">>},
     {cache_dir, ["HEX_CACHE_DIR"], undefined, path, <<"Folder in which replies are kept for use without a network">>},
     {cache_max_size, [], 256 bsl 20, bytes, <<"Most bytes of all that is kept; 0 keeps nothing">>},
     {cache_login, [], undefined, text, <<"Whose session it is: under its name replies to it are kept">>},
     {offline, ["HEX_OFFLINE", "REBAR_OFFLINE"], false, boolean, <<"Use no network, only what is cached">>},
     {oauth_client_id, [], <<"b9721cf5-be2f-4a65-bfa5-141698b4b9cf">>, text,
      <<"Client id of the browser login">>},
     {oauth_exchange, [], false, boolean, <<"Exchange the API key for a short-lived token, and send only that">>},
     {source_ref, ["HEX_SOURCE_REF"], false, boolean,
      <<"Record the Git address and the commit in packages that are published">>},
     {secrets, ["HEX_SECRETS"], file, {one_of, [file, keyring]},
      <<"Where keys and refresh tokens are kept: in hex.config, or in the system's keyring">>}].

%% The classic names of keys.
classic(key) -> api_key;
classic(cdn_url) -> repo_url;
classic(mirror_url) -> repo_url;
classic(http_user_agent_fragment) -> user_agent_fragment;
classic(Key) -> Key.

%% Keys of hex_core and rebar3 that mean nothing here, each with the reason.
ignored(http_adapter) -> true;          % the transport is native
ignored(http_etag) -> true;             % an argument of the function that uses it
ignored(http_headers) -> true;          % what a request carries is decided in one place
ignored(send_100_continue) -> true;     % the transport decides
ignored(tarball_files_root) -> true;    % files have their paths in the call
ignored(metadata_fields) -> true;       % all fields are read
ignored(registry_max_uncompressed_size) -> true; % the index has one limit
ignored(trusted) -> true;               % credentials go to their own origin only
ignored(oauth_exchange_url) -> true;    % the API that the key is for exchanges it
ignored(oauth_token) -> true;           % rebar3's cache of an exchange
ignored(cli_auth_callbacks) -> true;    % hex_core's own prompts
ignored(name) -> true;                  % rebar3's name of the repository; repo_name is what is signed
ignored(parent) -> true;                % rebar3's bookkeeping of organizations
ignored(mirror_of) -> true;
ignored(organization) -> true;
ignored(read_key) -> true;              % rebar3_hex's, never needed
ignored(write_key) -> true;             % rebar3_hex's, weakly encrypted: hexide_credentials migrates it
ignored(auth_key) -> true;
ignored(doc) -> true;                   % settings of the publishing plugin, no client's
ignored(_) -> false.

%% @doc Every key with its environment variables, default, type and one line of help.
-spec keys() -> [entry()].
keys() ->
    [#{key => Key, environment => [variable(Variable) || Variable <- Variables], default => Default,
       type => Type, secret => Type =:= secret, help => Help}
     || {Key, Variables, Default, Type, Help} <- table()].

%% @doc Makes one configuration out of all sources: an option wins over the environment, that over the
%% project, that over the user's file, that over the default.
-spec resolve(sources()) -> hexide_job:outcome(resolved()).
resolve(Sources) ->
    hexide_exception:bare(fun() -> merged(Sources) end).

merged(Sources) ->
    Environment = maps:get(environment, Sources, fun os:env/0),
    try
        Layers = [{default, maps:merge(defaults(), checked(maps:get(defaults, Sources, #{})))},
                  {user, checked(maps:get(user, Sources, #{}))},
                  {project, checked(maps:get(project, Sources, #{}))},
                  {environment, from_environment(listed(Environment))},
                  {option, checked(maps:get(options, Sources, #{}))}],
        Resolved = lists:foldl(fun layer/2, #{config => #{}, sources => #{}}, Layers),
        {ok, without_key_for_mirror(Resolved, listed(Environment))}
    catch
        throw:{bad_config, _} = Reason -> {error, Reason}
    end.

listed(Environment) when is_function(Environment) -> Environment();
listed(Environment) -> Environment.

layer({Source, Values}, #{config := Config, sources := Sources}) ->
    #{config => maps:merge(Config, Values), sources => maps:merge(Sources, maps:map(fun(_, _) -> Source end, Values))}.

%% A mirror serves what the repository signs, but it is somebody else's machine.
without_key_for_mirror(#{sources := #{repo_url := environment}, config := Config} = Resolved, Environment) ->
    Trusted = lists:any(fun(Name) -> lists:keymember(Name, 1, Environment) end,
                        ["HEX_TRUSTED_MIRROR_URL", "HEX_TRUSTED_MIRROR"]),
    case Trusted of
        true -> Resolved;
        false -> Resolved#{config := Config#{repo_key := undefined}}
    end;
without_key_for_mirror(Resolved, _) ->
    Resolved.

from_environment(Environment) ->
    maps:from_list([{Key, Value} || {Key, Variables, _, Type, _} <- table(),
                                    {ok, Value} <- [first_set(Variables, Type, Environment)]]).

first_set([], _, _) ->
    unset;
first_set([Variable | Rest], Type, Environment) ->
    Name = variable(Variable),
    case lists:keyfind(Name, 1, Environment) of
        {Name, [_ | _] = Text} ->
            case convert(Type, read(Variable, Text)) of
                {ok, _} = Value -> Value;
                error -> throw(bad(Name, Type))
            end;
        _ -> first_set(Rest, Type, Environment)
    end.

variable({Name, _}) -> Name;
variable(Name) -> Name.

read({_, Read}, Text) -> Read(Text);
read(_, Text) -> Text.

%% @doc Checks a configuration and completes it with the defaults.
-spec complete(config()) -> hexide_job:outcome(config()).
complete(Config) ->
    completed(Config, fun(Checked) -> Checked end).

%% @doc The form that the operations take: checked, complete, and with the secrets out of every term.
-spec native(config()) -> hexide_job:outcome(native()).
native(Config) ->
    %% No default is a secret.
    case completed(Config, fun(Checked) -> maps:map(fun(_, Value) -> reveal(Value) end, Checked) end) of
        {ok, Revealed} -> opened(Revealed);
        {error, _} = Error -> Error
    end.

completed(Config, Change) when is_map(Config) ->
    try
        {ok, maps:merge(defaults(), hexide_exception:bare(fun() -> Change(checked(Config)) end))}
    catch
        throw:{bad_config, _} = Reason -> {error, Reason}
    end;
completed(_, _) ->
    %% Whatever it is, it may hold a secret, so it is not shown.
    error(badarg).

opened(Revealed) ->
    try
        hexide_nif:config_open(Revealed)
    catch
        %% Their stack traces would show the map.
        error:badarg -> {error, {bad_config, #{message => <<"a number in the configuration is too large">>}}};
        error:{not_loaded, Why} -> {error, {internal, #{reason => <<"not_loaded">>, message => Why}}}
    end.

%% @doc Wraps a secret so that it does not show where a term is printed.
-spec hide(binary()) -> fun(() -> binary()).
hide(Secret) when is_binary(Secret) ->
    fun() -> Secret end;
hide(_) ->
    error(badarg).

%% @doc The secret itself; other values as they are.
-spec reveal(secret() | term()) -> term().
reveal(Secret) when is_function(Secret, 0) ->
    case hexide_exception:bare(Secret) of
        undefined -> undefined;
        Text -> hexide_text:secret(Text)
    end;
reveal(Value) -> Value.

%% @doc The default of a key.
-spec default(key()) -> term().
default(Key) ->
    maps:get(Key, defaults()).

%% Every operation asks for them, so they are made once.
defaults() ->
    case persistent_term:get(?MODULE, undefined) of
        undefined ->
            Defaults = maps:from_list([{Key, Default} || {Key, _, Default, _, _} <- table()]),
            ok = persistent_term:put(?MODULE, Defaults),
            Defaults;
        Defaults -> Defaults
    end.

checked(Config) ->
    maps:fold(fun(Given, Value, Checked) ->
                  Key = classic(Given),
                  case type(Key) of
                      {ok, _} when Value =:= undefined -> Checked; % as if it were not given
                      {ok, Type} -> Checked#{Key => check(Given, Type, Value)};
                      error -> ignored(Key) orelse throw(unknown(Given)), Checked
                  end
              end, #{}, Config).

type(Key) ->
    case lists:keyfind(Key, 1, table()) of
        {Key, _, _, Type, _} -> {ok, Type};
        false -> error
    end.

check(Key, Type, Value) ->
    case convert(Type, Value) of
        {ok, Converted} -> Converted;
        error -> throw(bad(Key, Type))
    end.

%% @doc The value in the form that the type has, from that form or from text.
-spec convert(type(), term()) -> {ok, term()} | error.
convert(boolean, Value) when is_boolean(Value) -> {ok, Value};
convert(Secret, Value) when is_function(Value, 0), Secret =:= secret orelse Secret =:= proxy -> {ok, Value};
convert({one_of, Choices}, Value) when is_atom(Value) ->
    case lists:member(Value, Choices) of
        true -> {ok, Value};
        false -> error
    end;
convert(bytes, infinity) -> {ok, infinity};
convert(Number, Value) when is_integer(Value), Value >= 0,
                            (Number =:= bytes orelse Number =:= milliseconds orelse Number =:= count) ->
    {ok, Value};
convert(Type, Value) when is_list(Value); is_binary(Value) ->
    try hexide_text:secret(Value) of
        Text -> from_text(Type, Text)
    catch
        error:badarg -> error
    end;
convert(_, _) -> error.

from_text(url, <<"http://", _, _/binary>> = Url) -> {ok, without_slash(Url)};
from_text(url, <<"https://", _, _/binary>> = Url) -> {ok, without_slash(Url)};
from_text(url, _) -> error;
from_text(proxy, Text) ->
    case from_text(url, Text) of
        {ok, Url} -> {ok, hide(Url)};
        error -> error
    end;
from_text(secret, Text) -> {ok, hide(Text)};
from_text({one_of, Choices}, Text) ->
    case [Choice || Choice <- Choices, atom_to_binary(Choice) =:= Text] of
        [Choice] -> {ok, Choice};
        [] -> error
    end;
from_text(boolean, Text) -> truth(string:lowercase(Text));
from_text(bytes, <<"infinity">>) -> {ok, infinity};
from_text(Number, Text) when Number =:= bytes; Number =:= milliseconds; Number =:= count ->
    try binary_to_integer(Text) of
        Value when Value >= 0 -> {ok, Value};
        _ -> error
    catch
        error:badarg -> error
    end;
from_text(_, Text) -> {ok, Text}.

%% Not by the functions of `string', which load the tables of Unicode first.
without_slash(Url) ->
    Length = byte_size(Url) - 1,
    case Url of
        <<Shorter:Length/binary, "/">> -> without_slash(Shorter);
        _ -> Url
    end.

truth(<<"1">>) -> {ok, true};
truth(<<"true">>) -> {ok, true};
truth(<<"yes">>) -> {ok, true};
truth(<<"0">>) -> {ok, false};
truth(<<"false">>) -> {ok, false};
truth(<<"no">>) -> {ok, false};
truth(_) -> error.

%% A variable that switches a check off.
negated(Text) ->
    case from_text(boolean, unicode:characters_to_binary(Text)) of
        {ok, Value} -> not Value;
        error -> Text
    end.

seconds(Text) ->
    case string:to_integer(Text) of
        {Seconds, ""} when is_integer(Seconds) -> Seconds * 1000;
        _ -> Text
    end.

%% The value itself is not shown: it might be a secret in the wrong place.
bad(Key, Type) ->
    Name = hexide_text:binary(Key),
    {bad_config, #{key => Name,
                   message => <<"the configuration key `", Name/binary, "` must be ", (expected(Type))/binary>>}}.

expected(boolean) -> <<"true or false">>;
expected(bytes) -> <<"a number of bytes, or infinity">>;
expected(milliseconds) -> <<"a number of milliseconds">>;
expected(count) -> <<"a number">>;
expected(Url) when Url =:= url; Url =:= proxy -> <<"an http or https address">>;
expected({one_of, Choices}) ->
    hexide_text:binary(lists:join(" or ", [atom_to_list(Choice) || Choice <- Choices]));
expected(path) -> <<"a path">>;
expected(_) -> <<"text">>.

unknown(Key) ->
    Name = named(Key),
    Known = [atom_to_binary(Each) || {Each, _, _, _, _} <- table()],
    Hint = case hexide_text:nearest(Name, Known) of
               {ok, Near} -> <<"; did you mean `", Near/binary, "`?">>;
               error -> <<>>
           end,
    {bad_config, #{key => Name, message => <<"unknown configuration key `", Name/binary, "`", Hint/binary>>}}.

named(Key) when is_binary(Key) -> Key;
named(Key) -> hexide_text:binary(io_lib:format("~tw", [Key])).

%% @doc The key that a name stands for, classic names included.
-spec canonical(unicode:chardata()) -> {ok, key()} | {error, hexide_error:reason()}.
canonical(Name) ->
    Text = hexide_text:binary(Name),
    Classic = [{<<"key">>, api_key}, {<<"cdn_url">>, repo_url}],
    Known = Classic ++ [{atom_to_binary(Key), Key} || {Key, _, _, _, _} <- table()],
    case lists:keyfind(Text, 1, Known) of
        {Text, Key} -> {ok, Key};
        false -> {error, unknown(Text)}
    end.

%% @doc What a user's file says for one repository: the general settings, then that repository's own. What
%% signs in is no setting: `hexide_credentials' finds it.
-spec for_repository(hexide_user_file:content(), unicode:chardata()) -> config().
for_repository(Content, Repository) ->
    hexide_exception:bare(fun() ->
                              maps:merge(section(<<"$hexide">>, Content),
                                         section(hexide_text:binary(Repository), Content))
                          end).

%% Other programs keep what they like in there; only our keys are settings.
section(Name, Content) ->
    case Content of
        #{Name := #{} = Section} ->
            maps:filter(fun(Key, _) -> is_atom(Key) andalso classic(Key) =/= api_key
                                           andalso type(classic(Key)) =/= error end, Section);
        #{} -> #{}
    end.
