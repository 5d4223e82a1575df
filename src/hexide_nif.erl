%% @private
%% @doc The native library: stubs and loading, nothing else.
%%
%% A function that returns a `hexide_job:ref()' starts an operation and returns at once; the answer comes
%% by messages, which {@link hexide_job} receives. The others answer at once themselves.
-module(hexide_nif).

-on_load(load/0).

-export([missing/0]).

%% Errors, JSON and jobs
-export([error_codes/0, json_encode/1, job_cancel/1, job_panic/0]).
%% The configuration
-export([config_open/1]).
%% Files of the user
-export([term_read/1, term_write/1, file_lock/1, file_unlock/1, file_replace/2]).
%% Versions
-export([version_parse/1, version_compare/2, version_match/3, version_bump/3, version_sort/1]).
%% Tarballs
-export([tarball_create/3, tarball_inspect/2, tarball_unpack/3, docs_create/2, docs_unpack/3]).
%% The signed index
-export([registry_encode/2, registry_decode/4, registry_read_many/5, registry_sign/2, registry_verify/3,
         registry_generate_key/0, registry_public_key/1, registry_fingerprint/1]).
%% Packages
-export([package_search/3, package_get/2, package_audit_log/2]).
%% Releases
-export([release_get/3, release_publish/3, release_revert/3, release_retire/5, release_unretire/3,
         release_retire_all/4]).
%% Documentation
-export([docs_publish/4, docs_revert/3]).
%% Owners
-export([owner_list/2, owner_get/3, owner_add/5, owner_remove/3]).
%% Keys
-export([key_list/1, key_get/2, key_add/4, key_remove/2, key_remove_all/1]).
%% Users
-export([user_register/4, user_me/1, user_get/2, user_reset_password/2, user_audit_log/1]).
%% Secrets at rest
-export([vault_seal/3, vault_open/3, keyring_put/3, keyring_get/2, keyring_forget/2]).
%% Organizations
-export([org_list/1, org_get/2, org_update/3, org_members/2, org_member/3, org_add_member/4, org_set_role/4,
         org_remove_member/3, org_audit_log/2]).
%% Logging in
-export([auth_device_start/3, auth_device_poll/2, auth_device_wait/4, auth_refresh/2, auth_revoke/2, auth_exchange/2,
         auth_test/3]).
%% The repository
-export([repo_names/3, repo_versions/3, repo_package/3, repo_policy/3, repo_tarball/4, repo_docs/3,
         repo_public_key/1, repo_fetch_many/3]).
%% The log
-export([log_listen/0, log_stop/0]).
%% The terminal
-export([terminal_is_attached/1, terminal_hide/0, terminal_show/1, terminal_interrupt/0]).

-spec load() -> ok | {error, term()}.
load() ->
    Library = library(),
    case erlang:load_nif(Library, limits()) of
        ok ->
            _ = persistent_term:erase(?MODULE),
            ok;
        %% Refused, so that the code that is there already goes on.
        {error, {Refused, _}} = Error when Refused =:= upgrade; Refused =:= reload -> Error;
        {error, {_, Why}} ->
            %% The functions below say it to whoever calls them: of a module that is not there nobody learns why.
            persistent_term:put(?MODULE, sentence(Library, unicode:characters_to_binary(Why)))
    end.

sentence(Library, Why) ->
    Place = unicode:characters_to_binary([Library, ".so"]),
    Next = case in_archive(Library) of
               true -> "A native library cannot be loaded out of an archive such as an escript; make a release, or put hexide "
                       "on the code path as a folder.";
               false -> "Compile hexide on this machine (`sh native/build.sh` in its folder)."
           end,
    unicode:characters_to_binary(["the native library ", Place, " cannot be loaded: ", Why, ". ", Next]).

%% Some folder of the path is a file.
in_archive(Path) ->
    case filename:dirname(Path) of
        Path -> false;
        Above -> filelib:is_regular(Above) orelse in_archive(Above)
    end.

%% @doc Why the native library cannot be loaded, as a sentence; `undefined' where it is.
-spec missing() -> binary() | undefined.
missing() ->
    persistent_term:get(?MODULE, undefined).

not_loaded() ->
    {not_loaded, missing()}.

%% Those that are set. Read once: the threads that they size live as long as the node.
limits() ->
    maps:from_list([{Key, Value} || Key <- [cpu_threads, workers, max_jobs, max_queue],
                                    {ok, Value} <- [application:get_env(hexide, Key)]]).

%% A release and a started application know their priv folder. A rebar3 plugin or a checkout may be on
%% the code path under another folder name, where only the place of this module tells.
library() ->
    Folders = [Folder || Folder <- [code:priv_dir(hexide)], is_list(Folder)]
        ++ [filename:join([filename:dirname(filename:dirname(Beam)), "priv"])
            || Beam <- [code:which(?MODULE)], is_list(Beam)],
    Libraries = [filename:join(Folder, "hexide_nif") || Folder <- Folders],
    case [Library || Library <- Libraries, filelib:is_regular(Library ++ ".so")] of
        [Library | _] -> Library;
        [] -> hd(Libraries ++ ["hexide_nif"])
    end.

%% Errors, JSON and jobs

-spec error_codes() -> [hexide_error:code()].
error_codes() ->
    erlang:nif_error(not_loaded()).

-spec json_encode(term()) -> binary().
json_encode(_Term) ->
    erlang:nif_error(not_loaded()).

-spec job_cancel(hexide_job:ref()) -> cancelled | replying.
job_cancel(_Ref) ->
    erlang:nif_error(not_loaded()).

-spec job_panic() -> hexide_job:ref().
job_panic() ->
    erlang:nif_error(not_loaded()).

%% The configuration

-spec config_open(hexide_config:config()) -> hexide_job:outcome(hexide_config:native()).
config_open(_Config) ->
    erlang:nif_error(not_loaded()).

%% Files of the user

-spec term_read(binary()) -> hexide_job:outcome([term()]).
term_read(_Text) ->
    erlang:nif_error(not_loaded()).

-spec term_write(term()) -> binary().
term_write(_Term) ->
    erlang:nif_error(not_loaded()).

-spec file_lock(binary()) -> hexide_job:ref().
file_lock(_Path) ->
    erlang:nif_error(not_loaded()).

-spec file_unlock(reference()) -> ok.
file_unlock(_Lock) ->
    erlang:nif_error(not_loaded()).

-spec file_replace(binary(), binary()) -> hexide_job:ref().
file_replace(_Path, _Content) ->
    erlang:nif_error(not_loaded()).

%% Versions

-spec version_parse(binary()) -> hexide_job:outcome(hexide_version:parsed()).
version_parse(_Version) ->
    erlang:nif_error(not_loaded()).

-spec version_compare(binary(), binary()) -> hexide_job:outcome(lt | eq | gt).
version_compare(_Left, _Right) ->
    erlang:nif_error(not_loaded()).

-spec version_match(binary(), binary(), boolean()) -> hexide_job:outcome(boolean()).
version_match(_Version, _Requirement, _AllowPre) ->
    erlang:nif_error(not_loaded()).

-spec version_bump(binary(), major | minor | patch, binary() | undefined) -> hexide_job:outcome(binary()).
version_bump(_Version, _Part, _Pre) ->
    erlang:nif_error(not_loaded()).

-spec version_sort([binary()]) -> hexide_job:outcome([binary()]).
version_sort(_Versions) ->
    erlang:nif_error(not_loaded()).

%% Tarballs

-spec tarball_create(binary(), [tuple()], tuple()) -> hexide_job:ref().
tarball_create(_Metadata, _Files, _Limits) ->
    erlang:nif_error(not_loaded()).

-spec tarball_inspect(binary(), tuple()) -> hexide_job:ref().
tarball_inspect(_Tarball, _Limits) ->
    erlang:nif_error(not_loaded()).

-spec tarball_unpack(binary(), memory | binary(), tuple()) -> hexide_job:ref().
tarball_unpack(_Tarball, _Target, _Limits) ->
    erlang:nif_error(not_loaded()).

-spec docs_create([tuple()], tuple()) -> hexide_job:ref().
docs_create(_Files, _Limits) ->
    erlang:nif_error(not_loaded()).

-spec docs_unpack(binary(), memory | binary(), tuple()) -> hexide_job:ref().
docs_unpack(_Tarball, _Target, _Limits) ->
    erlang:nif_error(not_loaded()).

%% The signed index

-spec registry_encode(hexide_registry:kind(), map()) -> hexide_job:ref().
registry_encode(_Kind, _Resource) ->
    erlang:nif_error(not_loaded()).

-spec registry_decode(hexide_registry:kind(), binary(), {binary(), binary() | undefined} | undefined,
                      [binary()] | undefined) -> hexide_job:ref().
registry_decode(_Kind, _Payload, _Origin, _Only) ->
    erlang:nif_error(not_loaded()).

-spec registry_read_many(hexide_registry:kind(),
                         [{binary(), {binary(), binary() | undefined} | undefined}], binary(),
                         non_neg_integer(), [binary()] | undefined) -> hexide_job:ref().
registry_read_many(_Kind, _Resources, _PublicKey, _Limit, _Only) ->
    erlang:nif_error(not_loaded()).

-spec registry_sign(binary(), binary()) -> hexide_job:ref().
registry_sign(_Payload, _PrivateKey) ->
    erlang:nif_error(not_loaded()).

-spec registry_verify(binary(), binary(), non_neg_integer()) -> hexide_job:ref().
registry_verify(_Resource, _PublicKey, _Limit) ->
    erlang:nif_error(not_loaded()).

-spec registry_generate_key() -> hexide_job:ref().
registry_generate_key() ->
    erlang:nif_error(not_loaded()).

-spec registry_public_key(binary()) -> hexide_job:outcome(binary()).
registry_public_key(_PrivateKey) ->
    erlang:nif_error(not_loaded()).

-spec registry_fingerprint(binary()) -> hexide_job:outcome(binary()).
registry_fingerprint(_PublicKey) ->
    erlang:nif_error(not_loaded()).

%% Packages

-spec package_search(hexide_config:native(), binary(), map()) -> hexide_job:ref().
package_search(_Config, _Query, _Options) ->
    erlang:nif_error(not_loaded()).

-spec package_get(hexide_config:native(), binary()) -> hexide_job:ref().
package_get(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

-spec package_audit_log(hexide_config:native(), binary()) -> hexide_job:ref().
package_audit_log(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

%% Releases

-spec release_get(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
release_get(_Config, _Name, _Version) ->
    erlang:nif_error(not_loaded()).

-spec release_publish(hexide_config:native(), binary(), boolean()) -> hexide_job:ref().
release_publish(_Config, _Tarball, _Replace) ->
    erlang:nif_error(not_loaded()).

-spec release_revert(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
release_revert(_Config, _Name, _Version) ->
    erlang:nif_error(not_loaded()).

-spec release_retire(hexide_config:native(), binary(), binary(), binary(), binary() | undefined) ->
          hexide_job:ref().
release_retire(_Config, _Name, _Version, _Reason, _Message) ->
    erlang:nif_error(not_loaded()).

-spec release_unretire(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
release_unretire(_Config, _Name, _Version) ->
    erlang:nif_error(not_loaded()).

-spec release_retire_all(hexide_config:native(), binary(), binary(), binary() | undefined) ->
          hexide_job:ref().
release_retire_all(_Config, _Name, _Reason, _Message) ->
    erlang:nif_error(not_loaded()).

%% Documentation

-spec docs_publish(hexide_config:native(), binary(), binary(), binary()) -> hexide_job:ref().
docs_publish(_Config, _Name, _Version, _Tarball) ->
    erlang:nif_error(not_loaded()).

-spec docs_revert(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
docs_revert(_Config, _Name, _Version) ->
    erlang:nif_error(not_loaded()).

%% Owners

-spec owner_list(hexide_config:native(), binary()) -> hexide_job:ref().
owner_list(_Config, _Package) ->
    erlang:nif_error(not_loaded()).

-spec owner_get(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
owner_get(_Config, _Package, _User) ->
    erlang:nif_error(not_loaded()).

-spec owner_add(hexide_config:native(), binary(), binary(), binary(), boolean()) -> hexide_job:ref().
owner_add(_Config, _Package, _User, _Level, _Transfer) ->
    erlang:nif_error(not_loaded()).

-spec owner_remove(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
owner_remove(_Config, _Package, _User) ->
    erlang:nif_error(not_loaded()).

%% Keys

-spec key_list(hexide_config:native()) -> hexide_job:ref().
key_list(_Config) ->
    erlang:nif_error(not_loaded()).

-spec key_get(hexide_config:native(), binary()) -> hexide_job:ref().
key_get(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

-spec key_add(hexide_config:native(), binary(), [{binary(), binary() | undefined}], binary() | undefined) ->
          hexide_job:ref().
key_add(_Config, _Name, _Permissions, _RevokeAt) ->
    erlang:nif_error(not_loaded()).

-spec key_remove(hexide_config:native(), binary()) -> hexide_job:ref().
key_remove(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

-spec key_remove_all(hexide_config:native()) -> hexide_job:ref().
key_remove_all(_Config) ->
    erlang:nif_error(not_loaded()).

%% Users

-spec user_register(hexide_config:native(), binary(), binary(), binary()) -> hexide_job:ref().
user_register(_Config, _Username, _Email, _Password) ->
    erlang:nif_error(not_loaded()).

-spec user_me(hexide_config:native()) -> hexide_job:ref().
user_me(_Config) ->
    erlang:nif_error(not_loaded()).

-spec user_get(hexide_config:native(), binary()) -> hexide_job:ref().
user_get(_Config, _Username) ->
    erlang:nif_error(not_loaded()).

-spec user_reset_password(hexide_config:native(), binary()) -> hexide_job:ref().
user_reset_password(_Config, _User) ->
    erlang:nif_error(not_loaded()).

-spec user_audit_log(hexide_config:native()) -> hexide_job:ref().
user_audit_log(_Config) ->
    erlang:nif_error(not_loaded()).

%% Secrets at rest

-spec vault_seal(binary(), binary(), binary()) -> hexide_job:ref().
vault_seal(_Secret, _Password, _Account) ->
    erlang:nif_error(not_loaded()).

-spec vault_open(map(), binary(), binary()) -> hexide_job:ref().
vault_open(_Sealed, _Password, _Account) ->
    erlang:nif_error(not_loaded()).

-spec keyring_put(binary() | undefined, binary(), binary()) -> hexide_job:ref().
keyring_put(_Bus, _Account, _Secret) ->
    erlang:nif_error(not_loaded()).

-spec keyring_get(binary() | undefined, binary()) -> hexide_job:ref().
keyring_get(_Bus, _Account) ->
    erlang:nif_error(not_loaded()).

-spec keyring_forget(binary() | undefined, binary()) -> hexide_job:ref().
keyring_forget(_Bus, _Account) ->
    erlang:nif_error(not_loaded()).

%% Organizations

-spec org_list(hexide_config:native()) -> hexide_job:ref().
org_list(_Config) ->
    erlang:nif_error(not_loaded()).

-spec org_get(hexide_config:native(), binary()) -> hexide_job:ref().
org_get(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

-spec org_update(hexide_config:native(), binary(), non_neg_integer()) -> hexide_job:ref().
org_update(_Config, _Name, _Seats) ->
    erlang:nif_error(not_loaded()).

-spec org_members(hexide_config:native(), binary()) -> hexide_job:ref().
org_members(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

-spec org_member(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
org_member(_Config, _Name, _User) ->
    erlang:nif_error(not_loaded()).

-spec org_add_member(hexide_config:native(), binary(), binary(), binary()) -> hexide_job:ref().
org_add_member(_Config, _Name, _User, _Role) ->
    erlang:nif_error(not_loaded()).

-spec org_set_role(hexide_config:native(), binary(), binary(), binary()) -> hexide_job:ref().
org_set_role(_Config, _Name, _User, _Role) ->
    erlang:nif_error(not_loaded()).

-spec org_remove_member(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
org_remove_member(_Config, _Name, _User) ->
    erlang:nif_error(not_loaded()).

-spec org_audit_log(hexide_config:native(), binary()) -> hexide_job:ref().
org_audit_log(_Config, _Name) ->
    erlang:nif_error(not_loaded()).

%% Logging in

-spec auth_device_start(hexide_config:native(), binary(), binary() | undefined) -> hexide_job:ref().
auth_device_start(_Config, _Scope, _Name) ->
    erlang:nif_error(not_loaded()).

-spec auth_device_poll(hexide_config:native(), binary()) -> hexide_job:ref().
auth_device_poll(_Config, _DeviceCode) ->
    erlang:nif_error(not_loaded()).

-spec auth_device_wait(hexide_config:native(), binary(), non_neg_integer(), non_neg_integer()) -> hexide_job:ref().
auth_device_wait(_Config, _DeviceCode, _ExpiresIn, _Interval) ->
    erlang:nif_error(not_loaded()).

-spec auth_refresh(hexide_config:native(), binary()) -> hexide_job:ref().
auth_refresh(_Config, _RefreshToken) ->
    erlang:nif_error(not_loaded()).

-spec auth_revoke(hexide_config:native(), binary()) -> hexide_job:ref().
auth_revoke(_Config, _Token) ->
    erlang:nif_error(not_loaded()).

-spec auth_exchange(hexide_config:native(), binary()) -> hexide_job:ref().
auth_exchange(_Config, _Scope) ->
    erlang:nif_error(not_loaded()).

-spec auth_test(hexide_config:native(), binary(), binary() | undefined) -> hexide_job:ref().
auth_test(_Config, _Domain, _Resource) ->
    erlang:nif_error(not_loaded()).

%% The repository

-spec repo_names(hexide_config:native(), binary() | undefined, [binary()] | undefined) -> hexide_job:ref().
repo_names(_Config, _ETag, _Only) ->
    erlang:nif_error(not_loaded()).

-spec repo_versions(hexide_config:native(), binary() | undefined, [binary()] | undefined) -> hexide_job:ref().
repo_versions(_Config, _ETag, _Only) ->
    erlang:nif_error(not_loaded()).

-spec repo_package(hexide_config:native(), binary(), binary() | undefined) -> hexide_job:ref().
repo_package(_Config, _Name, _ETag) ->
    erlang:nif_error(not_loaded()).

-spec repo_policy(hexide_config:native(), binary(), binary() | undefined) -> hexide_job:ref().
repo_policy(_Config, _Name, _ETag) ->
    erlang:nif_error(not_loaded()).

-spec repo_tarball(hexide_config:native(), binary(), binary(), binary() | undefined) -> hexide_job:ref().
repo_tarball(_Config, _Name, _Version, _OuterChecksum) ->
    erlang:nif_error(not_loaded()).

-spec repo_docs(hexide_config:native(), binary(), binary()) -> hexide_job:ref().
repo_docs(_Config, _Name, _Version) ->
    erlang:nif_error(not_loaded()).

-spec repo_public_key(hexide_config:native()) -> hexide_job:ref().
repo_public_key(_Config) ->
    erlang:nif_error(not_loaded()).

-spec repo_fetch_many(hexide_config:native(), [{binary(), binary(), binary() | undefined}],
                      memory | unpacked | {files | unpacked, binary()}) ->
          hexide_job:ref().
repo_fetch_many(_Config, _Items, _Target) ->
    erlang:nif_error(not_loaded()).

%% The log

-spec log_listen() -> ok.
log_listen() ->
    erlang:nif_error(not_loaded()).

-spec log_stop() -> ok.
log_stop() ->
    erlang:nif_error(not_loaded()).

%% The terminal

-spec terminal_is_attached(stdin | stdout | stderr) -> boolean().
terminal_is_attached(_Stream) ->
    erlang:nif_error(not_loaded()).

-spec terminal_hide() -> hexide_job:outcome(reference()).
terminal_hide() ->
    erlang:nif_error(not_loaded()).

-spec terminal_show(reference()) -> ok.
terminal_show(_Hidden) ->
    erlang:nif_error(not_loaded()).

-spec terminal_interrupt() -> hexide_job:ref().
terminal_interrupt() ->
    erlang:nif_error(not_loaded()).
