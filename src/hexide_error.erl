%% @doc Failures: their shape, and one good sentence for each.
-module(hexide_error).

-export([format/1]).

-export_type([reason/0, code/0, details/0]).

-type code() :: unauthorized | forbidden | otp_required | otp_invalid | not_found | invalid | already_published
              | rate_limited | too_large | bad_signature | bad_origin | bad_checksum | bad_tarball | bad_metadata
              | unsafe_path | bad_version | bad_requirement | bad_config | connect | tls | timeout | protocol
              | server | io | cancelled | busy | internal | offline.
%% What kind of failure it is. The list is closed.

-type details() :: #{message := binary(), status => 100..599, errors => term(), url => binary(),
                     retry_after => non_neg_integer(), path => binary(), key => binary(),
                     limit => non_neg_integer(), expected => binary(), actual => binary(), reason => binary()}.
%% `message': what happened, as one sentence. `status': of the HTTP reply. `errors': the server's field
%% errors as it sent them. `retry_after': seconds. `limit': bytes. `reason': which of several causes of one
%% code it is. The rest as it applies.

-type reason() :: {code(), details()}.

%% @doc What happened, and what to do next.
-spec format(reason()) -> binary().
format({Code, Details}) ->
    Message = maps:get(message, Details, <<>>),
    Parts = [sentence(Message), place(Details, Message), next(Code, Details)],
    iolist_to_binary(lists:join(<<" ">>, [Part || Part <- Parts, Part =/= <<>>])).

%% The address, where the message does not say it already.
place(#{url := Url}, Message) ->
    case string:find(Message, Url) of
        nomatch -> <<"(", Url/binary, ")">>;
        _ -> <<>>
    end;
place(_, _) -> <<>>.

%% After all, it was done.
next(_, #{upload := there}) -> <<>>;
next(_, #{reason := <<"keyring_locked">>}) -> <<"Unlock the keyring and try again.">>;
next(unauthorized, #{reason := <<"wrong_password">>}) ->
    <<"Give the password again; if it is lost, sign in anew with `rebar3 hex user auth`.">>;
next(unauthorized, #{reason := <<"expired_token">>}) ->
    <<"Begin again with `rebar3 hex user auth`, and approve the login in the browser before the code ends.">>;
next(unauthorized, #{reason := <<"other_api">>}) ->
    <<"Sign out where that is the repository's api_url, or only forget the login here with --local.">>;
next(unauthorized, #{reason := <<"no_scope">>}) ->
    <<"Use the key itself (`rebar3 hex config oauth_exchange false`), or one that may do more.">>;
next(unauthorized, #{reason := <<"given_key">>}) ->
    <<"Give a key that may do this (`rebar3 hex key generate` makes one), or give none and sign in with "
      "`rebar3 hex user auth`.">>;
next(unauthorized, #{reason := <<"invalid_client">>}) ->
    <<"Set HEX_API_KEY to a key that the registry knows; if it does, check oauth_client_id.">>;
next(unauthorized, #{reason := _}) ->
    <<"The login has ended or was revoked: sign in again with `rebar3 hex user auth`.">>;
next(unauthorized, _) ->
    <<"Sign in with `rebar3 hex user auth`, or set HEX_API_KEY to a key that has the permission.">>;
next(forbidden, #{reason := <<"access_denied">>}) ->
    <<"Begin again with `rebar3 hex user auth` and approve the login, if it was yours.">>;
next(forbidden, #{message := Message}) ->
    case string:find(Message, <<"Two-factor authentication must be enabled">>) of
        nomatch ->
            <<"If the package is another's, ask one of its owners (`rebar3 hex owner list PACKAGE`) for access.">>;
        %% hexpm's words, in which nothing says what to do.
        _ -> <<"Switch it on in your account on the registry's site, or set HEX_API_KEY to a key that may write.">>
    end;
next(otp_required, _) -> <<"Give the code of your authenticator with --otp or HEX_OTP.">>;
next(otp_invalid, _) -> <<"Wait for the next code of your authenticator and try again.">>;
next(not_found, #{reason := <<"not_in_keyring">>}) -> <<"Sign in with `rebar3 hex user auth` to keep one there.">>;
next(not_found, #{reason := <<"no_release">>}) -> <<"All releases: `rebar3 hex info PACKAGE`.">>;
next(not_found, #{reason := <<"no_key">>}) ->
    <<"`rebar3 hex key list` shows the keys (of an organization: `rebar3 hex organization key ORG list`).">>;
next(not_found, #{reason := <<"no_organization">>}) ->
    <<"Check the spelling: `rebar3 hex organization list` shows those that you belong to.">>;
next(not_found, #{reason := <<"no_member">>}) ->
    <<"Check the spelling: `rebar3 hex organization members list ORG` shows the members.">>;
next(not_found, #{reason := <<"no_owner">>}) ->
    <<"Check the spelling: `rebar3 hex owner list PACKAGE` shows the owners.">>;
next(not_found, #{reason := <<"no_user">>}) ->
    <<"Check the spelling; it takes a username or an e-mail address that the registry knows.">>;
next(not_found, _) -> <<"Check the spelling; a private package needs its repository and a key that may see it.">>;
next(invalid, #{reason := <<"invalid_scope">>}) ->
    <<"Ask for scopes that exist, and of a key for no more than it may do itself.">>;
next(invalid, #{key := _}) -> <<"Correct it and start again.">>;
next(invalid, _) -> <<"Correct what the server names and try again; nothing was changed.">>;
next(already_published, _) ->
    <<"Raise the version (`rebar3 hex cut`), or replace this one with --replace while the registry still allows it "
      "(for an hour, mostly).">>;
next(rate_limited, #{retry_after := Seconds}) ->
    <<"Try again in ", (integer_to_binary(Seconds))/binary, " seconds.">>;
next(rate_limited, _) -> <<"Wait some minutes, then try again.">>;
next(too_large, _) -> <<"Leave out what is not needed, or raise the limit if you trust the source.">>;
next(bad_signature, _) ->
    <<"Do not use it: check repo_public_key, and whether repo_url is really that repository.">>;
next(bad_origin, _) -> <<"Do not use it: the index is genuine but of something else; check repo_url and repo_name.">>;
next(bad_checksum, _) -> <<"Do not use it: the file differs from what was published; fetch it again.">>;
next(bad_tarball, _) -> <<"Build or fetch the tarball again.">>;
next(bad_metadata, _) -> <<"Correct the field in the .app.src file or the metadata and try again.">>;
next(unsafe_path, _) -> <<"Use only relative paths inside the package's folder.">>;
next(bad_version, _) -> <<"Versions have three numbers, such as 1.2.3 or 2.0.0-rc.1.">>;
next(bad_requirement, _) -> <<"Requirements look like `~> 1.2` or `>= 1.0.0 and < 2.0.0`.">>;
next(bad_config, #{key := <<"oauth_client_id">>}) ->
    <<"Set oauth_client_id to the id that the registry knows its client by, or use an API key.">>;
next(bad_config, #{reason := <<"does_not_parse">>}) -> <<"Correct the file, or move it away; it was left as it is.">>;
next(bad_config, _) -> <<"See `rebar3 hex config` for all keys and where each value comes from.">>;
next(connect, _) -> <<"Check the address, the network and the proxy settings.">>;
next(tls, _) -> <<"Check the address; for an authority of your own set cacerts_path.">>;
next(timeout, _) -> <<"Try again, or allow more time with the `timeout` setting.">>;
next(protocol, #{reason := _}) ->
    <<"The registry does not offer this way to sign in: use an API key.">>;
next(protocol, _) -> <<"Check that the address is that of a Hex registry, and that no proxy changes its replies.">>;
next(server, _) -> <<"The fault is the server's: try again later.">>;
next(io, #{reason := <<"keyring_left_out">>}) ->
    <<"Compile hexide with HEXIDE_FEATURES=keyring, or keep keys in the file: `rebar3 hex config secrets file`.">>;
next(io, #{reason := <<"no_keyring">>}) ->
    <<"Start a keyring (GNOME Keyring, KWallet, KeePassXC), or keep keys in the file: "
      "`rebar3 hex config secrets file`.">>;
next(io, _) -> <<"Check the path, its permissions and the free space.">>;
next(cancelled, _) -> <<"Start it again when you are ready.">>;
next(busy, _) -> <<"Wait for some of them to end, or raise max_jobs or max_queue of the application hexide.">>;
%% The message says it.
next(internal, #{reason := <<"not_loaded">>}) -> <<>>;
next(internal, _) -> <<"This is a fault of hexide: please report it with what you did.">>;
next(offline, _) ->
    <<"Unset HEX_OFFLINE (or the `offline` setting) to use the network; what was read once is cached.">>.

sentence(<<>>) ->
    <<>>;
sentence(Message) ->
    Text = string:trim(Message),
    Ended = case lists:member(binary:last(<<" ", Text/binary>>), ".!?") of
                true -> Text;
                false -> <<Text/binary, ".">>
            end,
    %% A plain word begins a sentence; an address, a path or a name stays as it is.
    case re:run(Ended, "^[a-z]+[,; ]") of
        {match, _} -> string:titlecase(Ended);
        nomatch -> Ended
    end.
