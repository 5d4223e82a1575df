%% @doc The signed index of a repository, as data.
%%
%% A resource travels as gzip of a signed envelope around a payload. {@link verify/2} opens the envelope
%% and checks the signature, {@link decode/3} reads the payload and checks that it is what was asked for;
%% {@link read/4} does both in one go, and {@link read_many/3} for many. {@link encode/2} and {@link sign/2} go the other way.
-module(hexide_registry).

-export([encode/2, decode/2, decode/3, decode/4, sign/2, verify/2, verify/3]).
-export([read/4, read/5, read_many/3, read_many/4]).
-export([generate_key/0, public_key/1, fingerprint/1]).

-export_type([kind/0, origin/0, names/0, versions/0, package/0, release/0, dependency/0, policy/0, resource/0,
              read_options/0]).

-type kind() :: names | versions | package | policy.

-type origin() :: {Repository :: unicode:chardata(), Name :: unicode:chardata() | undefined}.
%% What was asked for; the name of a package or policy.

-type timestamp() :: binary().
%% RFC 3339, UTC.

-type names() :: #{repository := binary(), packages := [#{name := binary(), updated_at := timestamp() | undefined}]}.

-type versions() :: #{repository := binary(),
                      packages := [#{name := binary(), versions := [binary()], retired := [non_neg_integer()],
                                     with_advisories := [non_neg_integer()]}]}.
%% `retired', `with_advisories': indexes (from 0) into `versions'.

-type package() :: #{repository := binary(), name := binary(), releases := [release()],
                     advisories := [advisory()]}.

-type release() :: #{version := binary(), inner_checksum := binary(), outer_checksum := binary() | undefined,
                     dependencies := [dependency()],
                     retired := #{reason := atom(), message := binary() | undefined} | undefined,
                     advisory_indexes := [non_neg_integer()], published_at := timestamp() | undefined}.
%% Checksums in lower-case hexadecimal. `reason': other, invalid, security, deprecated or renamed.

-type dependency() :: #{package := binary(), requirement := binary(), optional := boolean(),
                        app := binary() | undefined, repository := binary() | undefined}.

-type advisory() :: #{id := binary(), summary := binary(), html_url := binary(), severity := atom() | undefined,
                      cvss_score := float() | undefined, api_url := binary() | undefined, aliases := [binary()]}.

-type policy() :: #{repository := binary(), name := binary(), description := binary() | undefined,
                    visibility := private | public | undefined, repositories := [map()]}.

-type resource() :: names() | versions() | package() | policy().

-type read_options() :: #{limit => non_neg_integer(), only => [unicode:chardata()]}.
%% `limit': see {@link verify/3}; `only': see {@link decode/4}.

-define(LIMIT, 256 bsl 20).

%% @doc The payload of a resource, from the shape that {@link decode/3} gives.
-spec encode(kind(), resource()) -> hexide_job:outcome(binary()).
encode(Kind, Resource) ->
    hexide_job:call(fun() -> hexide_nif:registry_encode(Kind, Resource) end, #{}).

%% @doc Reads a payload without asking whose it is: only for data of one's own.
-spec decode(kind(), binary()) -> hexide_job:outcome(resource()).
decode(Kind, Payload) ->
    decode(Kind, Payload, undefined, #{}).

%% @equiv decode(Kind, Payload, Origin, #{})
-spec decode(kind(), binary(), origin()) -> hexide_job:outcome(resource()).
decode(Kind, Payload, Origin) ->
    decode(Kind, Payload, Origin, #{}).

%% @doc Reads a verified payload; `bad_origin' where it is another repository's, package's or policy's. An
%% origin of `undefined' is not asked about. `only', for names and versions: the packages that are wanted.
%% All of the payload is checked, but no term of any other is made; a name that it does not have is left out.
-spec decode(kind(), binary(), origin() | undefined, #{only => [unicode:chardata()]}) ->
          hexide_job:outcome(resource()).
decode(Kind, Payload, Origin, Options) ->
    Asked = origin(Origin),
    Only = hexide_text:optional_list(maps:get(only, Options, undefined)),
    hexide_job:call(fun() -> hexide_nif:registry_decode(Kind, Payload, Asked, Only) end, #{}).

%% @doc Signs a payload with a private key (PEM): ready to serve.
-spec sign(binary(), binary()) -> hexide_job:outcome(binary()).
sign(Payload, PrivateKey) ->
    hexide_job:call(fun() -> hexide_nif:registry_sign(Payload, PrivateKey) end, #{}).

%% @equiv verify(Resource, PublicKey, #{})
-spec verify(binary(), binary()) -> hexide_job:outcome(binary()).
verify(Resource, PublicKey) ->
    verify(Resource, PublicKey, #{}).

%% @doc Verifies a resource with a public key (PEM) and gives its payload. `limit': most bytes that it may
%% inflate to.
-spec verify(binary(), binary(), #{limit => non_neg_integer()}) -> hexide_job:outcome(binary()).
verify(Resource, PublicKey, Options) ->
    Limit = maps:get(limit, Options, ?LIMIT),
    hexide_job:call(fun() -> hexide_nif:registry_verify(Resource, PublicKey, Limit) end, #{}).

%% @equiv read(Kind, Resource, PublicKey, Origin, #{})
-spec read(kind(), binary(), binary(), origin() | undefined) -> hexide_job:outcome(resource()).
read(Kind, Resource, PublicKey, Origin) ->
    read(Kind, Resource, PublicKey, Origin, #{}).

%% @doc Verifies a resource and reads its payload, as {@link verify/3} and {@link decode/4} do one after the
%% other, in one job.
-spec read(kind(), binary(), binary(), origin() | undefined, read_options()) -> hexide_job:outcome(resource()).
read(Kind, Resource, PublicKey, Origin, Options) ->
    case read_many(Kind, [{Resource, Origin}], PublicKey, Options) of
        {ok, [Outcome]} -> Outcome;
        {error, _} = Error -> Error
    end.

%% @equiv read_many(Kind, Resources, PublicKey, #{})
-spec read_many(kind(), [{binary(), origin() | undefined}], binary()) ->
          hexide_job:outcome([hexide_job:outcome(resource())]).
read_many(Kind, Resources, PublicKey) ->
    read_many(Kind, Resources, PublicKey, #{}).

%% @doc The same for many resources of a kind in one job, each with what was asked for. The outcomes come in
%% the order of the resources; one that is refused spoils no other.
-spec read_many(kind(), [{binary(), origin() | undefined}], binary(), read_options()) ->
          hexide_job:outcome([hexide_job:outcome(resource())]).
read_many(Kind, Resources, PublicKey, Options) ->
    Asked = [{Resource, origin(Origin)} || {Resource, Origin} <- Resources, is_binary(Resource) orelse error(badarg)],
    Limit = maps:get(limit, Options, ?LIMIT),
    Only = hexide_text:optional_list(maps:get(only, Options, undefined)),
    hexide_job:call(fun() -> hexide_nif:registry_read_many(Kind, Asked, PublicKey, Limit, Only) end, #{}).

origin(undefined) -> undefined;
origin({Repository, Name}) -> {hexide_text:binary(Repository), hexide_text:optional(Name)}.

%% @doc A new private key for a registry, PEM.
-spec generate_key() -> hexide_job:outcome(binary()).
generate_key() ->
    hexide_job:call(fun hexide_nif:registry_generate_key/0, #{}).

%% @doc The public half of a private key, PEM.
-spec public_key(binary()) -> hexide_job:outcome(binary()).
public_key(PrivateKey) ->
    hexide_exception:bare(fun() -> hexide_nif:registry_public_key(PrivateKey) end).

%% @doc The fingerprint of a public key (PEM), in the form `SHA256:…' that `ssh:hostkey_fingerprint/2' prints.
-spec fingerprint(binary()) -> hexide_job:outcome(binary()).
fingerprint(PublicKey) ->
    hexide_nif:registry_fingerprint(PublicKey).
