%% @doc The repository: the signed index, tarballs and documentation.
%%
%% Everything is verified before it is used: an index by its signature and by what it says it is, a
%% tarball by its checksums.
-module(hexide_repo).

-export([names/1, names/2, versions/1, versions/2, package/2, package/3, policy/2, policy/3]).
-export([tarball/3, tarball/4, docs/3, public_key/1, fetch_many/2, fetch_many/3]).

-export_type([fetch_options/0, index_options/0, tarball_options/0, item/0, fetched/0]).

-type fetch_options() :: #{etag => binary(), timeout => timeout()}.
%% `etag': of an earlier answer; when nothing changed since, the answer is `{ok, not_modified}'.

-type index_options() :: #{etag => binary(), only => [unicode:chardata()], timeout => timeout()}.
%% `only': the packages that are wanted; no term of any other is made.

-type tarball_options() :: #{checksum => binary(), progress => fun((hexide_job:progress()) -> term()),
                             timeout => timeout()}.
%% `checksum': the outer checksum to demand, lower- or upper-case hexadecimal.

-type item() :: {Name :: unicode:chardata(), Version :: hexide_version:version()}
              | {Name :: unicode:chardata(), Version :: hexide_version:version(), OuterChecksum :: binary()}.

-type fetched() :: #{name := binary(), version := binary(), outer_checksum := binary(),
                     tarball := binary() | undefined, path := binary() | undefined,
                     files := [hexide_tarball:unpacked_file()] | undefined}.
%% `tarball' in memory, or the `path' it was written or unpacked to, or its `files'.

%% @equiv names(Config, #{})
-spec names(hexide_config:config()) -> hexide_job:outcome(hexide_registry:names()).
names(Config) ->
    names(Config, #{}).

%% @doc Every package of the repository.
-spec names(hexide_config:config(), index_options()) -> hexide_job:outcome(hexide_registry:names() | not_modified).
names(Config, Options) ->
    Only = only(Options),
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:repo_names(Native, etag(Options), Only) end).

%% @equiv versions(Config, #{})
-spec versions(hexide_config:config()) -> hexide_job:outcome(hexide_registry:versions()).
versions(Config) ->
    versions(Config, #{}).

%% @doc Every version of every package of the repository.
-spec versions(hexide_config:config(), index_options()) ->
          hexide_job:outcome(hexide_registry:versions() | not_modified).
versions(Config, Options) ->
    Only = only(Options),
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:repo_versions(Native, etag(Options), Only) end).

%% @equiv package(Config, Name, #{})
-spec package(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(hexide_registry:package()).
package(Config, Name) ->
    package(Config, Name, #{}).

%% @doc The releases of one package, with their checksums and dependencies.
-spec package(hexide_config:config(), unicode:chardata(), fetch_options()) ->
          hexide_job:outcome(hexide_registry:package() | not_modified).
package(Config, Name, Options) ->
    Package = hexide_text:binary(Name),
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:repo_package(Native, Package, etag(Options)) end).

%% @equiv policy(Config, Name, #{})
-spec policy(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(hexide_registry:policy()).
policy(Config, Name) ->
    policy(Config, Name, #{}).

%% @doc A dependency policy of an organization.
-spec policy(hexide_config:config(), unicode:chardata(), fetch_options()) ->
          hexide_job:outcome(hexide_registry:policy() | not_modified).
policy(Config, Name, Options) ->
    Policy = hexide_text:binary(Name),
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:repo_policy(Native, Policy, etag(Options)) end).

etag(Options) ->
    maps:get(etag, Options, undefined).

only(Options) ->
    hexide_text:optional_list(maps:get(only, Options, undefined)).

%% @equiv tarball(Config, Name, Version, #{})
-spec tarball(hexide_config:config(), unicode:chardata(), hexide_version:version()) ->
          hexide_job:outcome(binary()).
tarball(Config, Name, Version) ->
    tarball(Config, Name, Version, #{}).

%% @doc The tarball of a release. Without a checksum to demand, the one in the signed index is.
-spec tarball(hexide_config:config(), unicode:chardata(), hexide_version:version(), tarball_options()) ->
          hexide_job:outcome(binary()).
tarball(Config, Name, Version, Options) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    Checksum = hexide_text:optional(maps:get(checksum, Options, undefined)),
    hexide_job:call(Config, Options,
                    fun(Native) -> hexide_nif:repo_tarball(Native, Package, Release, Checksum) end).

%% @doc The documentation tarball of a release. No checksum of it is recorded anywhere.
-spec docs(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome(binary()).
docs(Config, Name, Version) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:repo_docs(Native, Package, Release) end).

%% @doc The public key that the repository offers, PEM. It says nothing about whom it belongs to: compare
%% its {@link hexide_registry:fingerprint/1} with one that you trust.
-spec public_key(hexide_config:config()) -> hexide_job:outcome(binary()).
public_key(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:repo_public_key/1).

%% @equiv fetch_many(Config, Items, #{})
-spec fetch_many(hexide_config:config(), [item()]) -> hexide_job:outcome([hexide_job:outcome(fetched())]).
fetch_many(Config, Items) ->
    fetch_many(Config, Items, #{}).

%% @doc Fetches and verifies many releases at once, `http_concurrency' at a time. The answers stand in
%% the order of the items. `to': `memory' (the default) or `{dir, Dir}'; with `unpack' the files instead
%% of the tarballs, in memory or each in its folder `NAME-VERSION' of `Dir'.
-spec fetch_many(hexide_config:config(), [item()],
                 #{to => memory | {dir, file:name_all()}, unpack => boolean(),
                   progress => fun((hexide_job:progress()) -> term()), timeout => timeout()}) ->
          hexide_job:outcome([hexide_job:outcome(fetched())]).
fetch_many(Config, Items, Options) ->
    Wanted = [item(Item) || Item <- Items],
    Target = case {maps:get(to, Options, memory), maps:get(unpack, Options, false)} of
                 {memory, false} -> memory;
                 {memory, true} -> unpacked;
                 {{dir, Dir}, false} -> {files, hexide_text:path(Dir)};
                 {{dir, Dir}, true} -> {unpacked, hexide_text:path(Dir)}
             end,
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:repo_fetch_many(Native, Wanted, Target) end).

item({Name, Version}) ->
    {hexide_text:binary(Name), hexide_text:binary(Version), undefined};
item({Name, Version, Checksum}) ->
    {hexide_text:binary(Name), hexide_text:binary(Version), hexide_text:binary(Checksum)}.
