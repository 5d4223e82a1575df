%% @doc Where hex.config keeps what signs in. Pure: the file's content in, the file's content out.
%%
%% A credential belongs to the registry that gave it, not to a name: beside each stands the address of its
%% API, and it is not found for another one. A project may call any server `hexpm' in its rebar.config; it
%% does not get the key of hex.pm that way.
%%
%% What is written here stands under `<<"$hexide:NAME">>', where rebar3 does not look: rebar3 merges the
%% map under a repository's own name into its state. A session at `hexpm' stands under `<<"$oauth">>', as
%% newer versions of rebar3 have it, so that one login serves both. What others wrote is read too: `api_key'
%% in the repository's map, and the `write_key' of rebar3_hex.
-module(hexide_credentials).

-export([home/1, find/3, keep_key/4, keep_session/4, forget/2, stored/2, keep_repo_key/3, forget_repo_key/2,
         organizations/2]).

-export_type([stored/0, session/0, credential/0]).

-type stored() :: binary() | hexide_vault:sealed() | keyring.
%% A secret as it is, sealed under a local password, or in the system's keyring.

-type session() :: #{access_token := binary(), refresh_token := stored() | undefined, expires_at := integer(),
                     login => binary()}.
%% `expires_at': when the access token ends, in seconds since 1970. `login': whose session it is, as was known when
%% it began.

-type credential() :: {key, stored()} | {session, session()} | {write_key, term(), Username :: binary()}.
%% `write_key': the encrypted key of rebar3_hex, to be migrated.

-define(HEXPM, <<"https://hex.pm/api">>).
-define(OAUTH, <<"$oauth">>).

%% @doc The repository whose account is meant: `hexpm' for `hexpm:acme'.
-spec home(binary()) -> binary().
home(Repository) ->
    hd(binary:split(Repository, <<":">>)).

%% @doc What signs in to a repository whose API is at this address. `elsewhere': there is something, but it
%% belongs to the API at that other address.
-spec find(hexide_user_file:content(), binary(), binary()) ->
          {ok, credential()} | none | {elsewhere, ApiUrl :: binary()}.
find(Content, Repository, ApiUrl) ->
    Home = home(Repository),
    Found = [Each || Name <- lists:usort(fun longer_first/2, [Repository, Home]), Each <- in_section(Content, Name)]
        ++ [Each || Home =:= <<"hexpm">>, Each <- in_oauth(Content)]
        ++ [Each || Name <- lists:usort(fun longer_first/2, [Repository, Home]), Each <- foreign(Content, Name, Home)],
    case [Credential || {Url, Credential} <- Found, same_origin(Url, ApiUrl)] of
        [Credential | _] -> {ok, Credential};
        [] when Found =:= [] -> none;
        [] -> {elsewhere, element(1, hd(Found))}
    end.

%% An organization's own comes before that of the repository it belongs to.
longer_first(Left, Right) ->
    byte_size(Left) >= byte_size(Right).

in_section(Content, Name) ->
    case map(own(Name), Content) of
        #{api_url := Url, session := #{access_token := Token} = Session} when is_binary(Url), is_binary(Token) ->
            [{Url, {session, session(Session)}}];
        #{api_url := Url, api_key := Stored} when is_binary(Url) -> [{Url, {key, Stored}}];
        #{} -> []
    end.

in_oauth(Content) ->
    case map(?OAUTH, Content) of
        #{access_token := Token} = Session when is_binary(Token) ->
            [{maps:get(api_url, Session, ?HEXPM), {session, session(Session)}}];
        #{} -> []
    end.

%% Of hex.pm's keys it is known where they belong; for another name there is only what the file says.
foreign(Content, Name, Home) ->
    Section = map(Name, Content),
    Url = case Section of
              #{api_url := Own} when is_binary(Own) -> Own;
              #{} when Home =:= <<"hexpm">> -> ?HEXPM;
              #{} -> any
          end,
    case Section of
        #{api_key := Key} when is_binary(Key) -> [{Url, {key, Key}}];
        #{key := Key} when is_binary(Key) -> [{Url, {key, Key}}];
        #{write_key := {_, {_, _}} = Sealed, username := User} when is_binary(User) ->
            [{Url, {write_key, Sealed, User}}];
        #{} -> []
    end.

session(Session) ->
    End = case Session of
              #{expires_at := Seconds} when is_integer(Seconds) -> Seconds;
              #{} -> 0
          end,
    Known = maps:with([access_token, refresh_token, login], Session),
    maps:merge(#{refresh_token => undefined}, Known#{expires_at => End}).

same_origin(any, _) -> true;
same_origin(Left, Right) -> origin(Left) =:= origin(Right).

origin(Url) ->
    case uri_string:normalize(Url, [return_map]) of
        #{scheme := Scheme, host := Host} = Parts -> {Scheme, Host, maps:get(port, Parts, default)};
        _ -> Url
    end.

%% @doc Keeps a key as the one thing that signs in to the repository.
-spec keep_key(hexide_user_file:content(), binary(), stored(),
               #{api_url := binary(), username := binary() | undefined}) -> hexide_user_file:content().
keep_key(Content, Repository, Stored, #{api_url := Url} = Owner) ->
    with_username(put_own(forget(Content, Repository), Repository, #{api_url => Url, api_key => Stored}),
                  Repository, Owner).

%% @doc Keeps a session as the one thing that signs in to the repository.
-spec keep_session(hexide_user_file:content(), binary(), session(),
                   #{api_url := binary(), username := binary() | undefined}) -> hexide_user_file:content().
keep_session(Content, Repository, #{refresh_token := Refresh} = Session, #{api_url := Url} = Owner) ->
    Cleared = forget(Content, Repository),
    Kept = case home(Repository) of
               <<"hexpm">> when is_binary(Refresh) -> Cleared#{?OAUTH => Session#{api_url => Url}};
               _ -> put_own(Cleared, Repository, #{api_url => Url, session => Session})
           end,
    with_username(Kept, Repository, Owner).

put_own(Content, Repository, Section) ->
    Content#{own(home(Repository)) => Section}.

with_username(Content, _, #{username := undefined}) ->
    Content;
with_username(Content, Repository, #{username := Username}) ->
    Home = home(Repository),
    Content#{Home => (map(Home, Content))#{username => Username}}.

%% @doc Removes everything that signs in to the repository; its settings stay.
-spec forget(hexide_user_file:content(), binary()) -> hexide_user_file:content().
forget(Content, Repository) ->
    Home = home(Repository),
    Own = maps:remove(own(Home), Content),
    Rest = case Home of
               <<"hexpm">> -> maps:remove(?OAUTH, Own);
               _ -> Own
           end,
    shrink(Rest, Home, [api_key, key, write_key, read_key, username]).

%% @doc The secrets of a repository that are kept somewhere else than in the file: those of the keyring.
-spec stored(hexide_user_file:content(), binary()) -> [api_key | refresh_token].
stored(Content, Repository) ->
    case map(own(home(Repository)), Content) of
        #{api_key := keyring} -> [api_key];
        #{session := #{refresh_token := keyring}} -> [refresh_token];
        #{} -> []
    end.

%% @doc Keeps the key that reads an organization's packages, where rebar3 itself finds it.
-spec keep_repo_key(hexide_user_file:content(), binary(), binary()) -> hexide_user_file:content().
keep_repo_key(Content, Repository, Key) ->
    Content#{Repository => (map(Repository, Content))#{name => Repository, repo_key => Key}}.

%% @doc Removes it.
-spec forget_repo_key(hexide_user_file:content(), binary()) -> hexide_user_file:content().
forget_repo_key(Content, Repository) ->
    shrink(Content, Repository, [repo_key, auth_key, oauth_token]).

%% @doc The organizations of a repository that there is a key of.
-spec organizations(hexide_user_file:content(), binary()) -> [binary()].
organizations(Content, Repository) ->
    Prefix = <<(home(Repository))/binary, ":">>,
    lists:sort([binary:part(Name, byte_size(Prefix), byte_size(Name) - byte_size(Prefix))
                || {Name, #{repo_key := Key}} <- maps:to_list(Content), is_binary(Name), is_binary(Key),
                   string:prefix(Name, Prefix) =/= nomatch]).

%% A section that says nothing but its name is no section.
shrink(Content, Name, Keys) ->
    case Content of
        #{Name := #{} = Section} ->
            case maps:without(Keys, Section) of
                Rest when map_size(Rest) =:= 0 -> maps:remove(Name, Content);
                #{name := Name} = Rest when map_size(Rest) =:= 1 -> maps:remove(Name, Content);
                Rest -> Content#{Name => Rest}
            end;
        #{} -> Content
    end.

own(Name) ->
    <<"$hexide:", Name/binary>>.

map(Name, Content) ->
    case Content of
        #{Name := #{} = Section} -> Section;
        #{} -> #{}
    end.
