%% @doc Documentation of releases.
-module(hexide_docs).

-export([publish/4, publish/5, revert/3, fetch/3]).

%% @equiv publish(Config, Name, Version, Tarball, #{})
-spec publish(hexide_config:config(), unicode:chardata(), hexide_version:version(), binary()) ->
          hexide_job:outcome(#{location := binary() | undefined}).
publish(Config, Name, Version, Tarball) ->
    publish(Config, Name, Version, Tarball, #{}).

%% @doc Publishes the documentation of a release: a tarball of {@link hexide_tarball:create_docs/2}.
%% `location': where it can be read.
-spec publish(hexide_config:config(), unicode:chardata(), hexide_version:version(), binary(),
              hexide_job:options()) -> hexide_job:outcome(#{location := binary() | undefined}).
publish(Config, Name, Version, Tarball, Options) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    hexide_job:call(Config, Options,
                    fun(Native) -> hexide_nif:docs_publish(Native, Package, Release, Tarball) end).

%% @doc Takes the documentation of a release back.
-spec revert(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome().
revert(Config, Name, Version) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:docs_revert(Native, Package, Release) end).

%% @doc The documentation tarball of a release, as {@link hexide_repo:docs/3}.
-spec fetch(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome(binary()).
fetch(Config, Name, Version) ->
    hexide_repo:docs(Config, Name, Version).
