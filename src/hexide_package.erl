%% @doc Packages: searching and showing them.
-module(hexide_package).

-export([search/2, search/3, get/2, audit_log/2]).

-export_type([package/0, metadata/0, release_summary/0, search_options/0]).

-type package() :: #{name := binary(), repository := binary(), meta := metadata(),
                     releases := [release_summary()],
                     retirements := #{binary() => #{reason := binary(), message := binary() | undefined}},
                     latest_version := binary() | undefined, latest_stable_version := binary() | undefined,
                     owners := [hexide_owner:owner()] | undefined,
                     downloads := #{binary() => non_neg_integer()} | undefined,
                     configs := #{binary() => binary()}, docs_html_url := binary() | undefined,
                     html_url := binary() | undefined, url := binary(), inserted_at := binary(),
                     updated_at := binary(), security_advisories := [map()] | undefined}.
%% `releases': newest first. `retirements': by version. `configs': the line to add to `rebar.config',
%% `mix.exs' and `erlang.mk'. `owners' and `security_advisories' only where one package was asked for.

-type metadata() :: #{description := binary() | undefined, licenses := [binary()],
                      links := #{binary() => binary()}, atom() => term()}.
%% What the latest release says of the package.

-type release_summary() :: #{version := binary(), url := binary(), has_docs := boolean() | undefined,
                             inserted_at := binary() | undefined}.
%% One release of a listing.

-type search_options() :: #{sort => unicode:chardata() | atom(), page => pos_integer(), per_page => 1..100,
                            all => boolean(), limit => pos_integer(), timeout => timeout()}.
%% `sort': `name', `recent_downloads', `total_downloads', `inserted_at' or `updated_at'. `all': read every
%% page, up to `limit' packages.

-define(PER_PAGE, 100).

%% @equiv search(Config, Query, #{})
-spec search(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome([package()]).
search(Config, Query) ->
    search(Config, Query, #{}).

%% @doc Packages that match a query; `name:', `description:', `depends:', `build_tool:', `updated_after:' and
%% `extra:' narrow it. Needs no credentials.
-spec search(hexide_config:config(), unicode:chardata(), search_options()) -> hexide_job:outcome([package()]).
search(Config, Query, #{all := true} = Options) ->
    pages(Config, hexide_text:binary(Query), Options#{per_page => ?PER_PAGE}, 1, []);
search(Config, Query, Options) ->
    case page(Config, hexide_text:binary(Query), Options) of
        {ok, Packages} -> {ok, limited(Packages, Options)};
        {error, _} = Error -> Error
    end.

pages(Config, Query, Options, Number, Read) ->
    case page(Config, Query, Options#{page => Number}) of
        {ok, Packages} ->
            All = Read ++ Packages,
            Enough = length(Packages) < ?PER_PAGE orelse length(All) >= maps:get(limit, Options, infinity),
            case Enough of
                true -> {ok, limited(All, Options)};
                false -> pages(Config, Query, Options, Number + 1, All)
            end;
        {error, _} = Error -> Error
    end.

limited(Packages, #{limit := Limit}) -> lists:sublist(Packages, Limit);
limited(Packages, _) -> Packages.

page(Config, Query, Options) ->
    Page = #{sort => hexide_text:optional(maps:get(sort, Options, undefined)),
             page => maps:get(page, Options, undefined), per_page => maps:get(per_page, Options, undefined)},
    hexide_job:call(Config, Options, fun(Native) -> hexide_nif:package_search(Native, Query, Page) end).

%% @doc One package with its releases and owners.
-spec get(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(package()).
get(Config, Name) ->
    Package = hexide_text:binary(Name),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:package_get(Native, Package) end).

%% @doc What was done to a package, newest first, as the server tells it.
-spec audit_log(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome([map()]).
audit_log(Config, Name) ->
    Package = hexide_text:binary(Name),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:package_audit_log(Native, Package) end).
