%% @doc Releases: building, publishing and retiring versions of a package.
-module(hexide_release).

-export([build/3, publish/2, publish/3, get/3, revert/3, retire/5, unretire/3, retire_all/4]).

-export_type([release/0, retirement_reason/0, publish_options/0]).

-type release() :: #{version := binary(), checksum := binary() | undefined, has_docs := boolean() | undefined,
                     meta := map() | undefined,
                     requirements := #{binary() => #{app := binary() | undefined, optional := boolean(),
                                                     requirement := binary() | undefined}},
                     retirement := #{reason := binary(), message := binary() | undefined} | undefined,
                     publisher := #{username := binary(), email := binary() | undefined, url := binary() | undefined}
                                | undefined,
                     url := binary(), html_url := binary() | undefined, package_url := binary() | undefined,
                     docs_html_url := binary() | undefined, downloads := term(),
                     configs := #{binary() => binary()}, inserted_at := binary(), updated_at := binary()}.
%% `checksum': the outer checksum, lower-case hexadecimal. `requirements': by package name.

-type retirement_reason() :: other | invalid | security | deprecated | renamed | unicode:chardata().

-type publish_options() :: #{replace => boolean(), progress => fun((hexide_job:progress()) -> term()),
                             timeout => timeout()}.
%% `replace': overwrite this version where the registry still allows it; false by default.

%% @doc The same as {@link hexide_tarball:create/3}.
-spec build(hexide_tarball:metadata(), [hexide_tarball:file()], hexide_tarball:options()) ->
          hexide_job:outcome(hexide_tarball:created()).
build(Metadata, Files, Options) ->
    hexide_tarball:create(Metadata, Files, Options).

%% @equiv publish(Config, Tarball, #{})
-spec publish(hexide_config:config(), binary()) -> hexide_job:outcome(release()).
publish(Config, Tarball) ->
    publish(Config, Tarball, #{}).

%% @doc Publishes a package tarball. A package that is new becomes the caller's.
-spec publish(hexide_config:config(), binary(), publish_options()) -> hexide_job:outcome(release()).
publish(Config, Tarball, Options) ->
    Replace = maps:get(replace, Options, false),
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:release_publish(Native, Tarball, Replace) end).

%% @doc One release.
-spec get(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome(release()).
get(Config, Name, Version) ->
    call(Config, Name, Version, fun hexide_nif:release_get/3).

%% @doc Takes a release back, while the registry still allows it. Reverting the last one removes the package.
-spec revert(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome().
revert(Config, Name, Version) ->
    call(Config, Name, Version, fun hexide_nif:release_revert/3).

%% @doc Marks a release as one not to use any more. It stays available to those who locked it.
-spec retire(hexide_config:config(), unicode:chardata(), hexide_version:version(), retirement_reason(),
             unicode:chardata() | undefined) -> hexide_job:outcome().
retire(Config, Name, Version, Reason, Message) ->
    Why = hexide_text:binary(Reason),
    Text = hexide_text:optional(Message),
    call(Config, Name, Version,
         fun(Native, Package, Release) -> hexide_nif:release_retire(Native, Package, Release, Why, Text) end).

%% @doc Takes a retirement back.
-spec unretire(hexide_config:config(), unicode:chardata(), hexide_version:version()) -> hexide_job:outcome().
unretire(Config, Name, Version) ->
    call(Config, Name, Version, fun hexide_nif:release_unretire/3).

%% @doc Retires every release of a package.
-spec retire_all(hexide_config:config(), unicode:chardata(), retirement_reason(),
                 unicode:chardata() | undefined) -> hexide_job:outcome().
retire_all(Config, Name, Reason, Message) ->
    Package = hexide_text:binary(Name),
    Why = hexide_text:binary(Reason),
    Text = hexide_text:optional(Message),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:release_retire_all(Native, Package, Why, Text) end).

call(Config, Name, Version, Start) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    hexide_job:call(Config, #{}, fun(Native) -> Start(Native, Package, Release) end).
