%% @doc Rows about the signed index: verify a resource and read it into terms.
-module(hexide_bench_registry).

-export([rows/0]).

-define(PACKAGES, 20_000).
-define(RELEASES, 10).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "versions of hex.pm: verify, to terms", unit => ms, limit => 3.5, open => fun hexpm/1},
     #{name => "versions, made up, 20,000 x 10", unit => ms, limit => 3, open => fun made_up/1}].

%% The genuine file is no part of the project; the made-up one stands for it elsewhere.
hexpm(_) ->
    Data = filename:join(["..", "shared", "hexpm-data"]),
    case {file:read_file(filename:join(Data, "versions")), file:read_file(filename:join(Data, "public_key"))} of
        {{ok, Resource}, {ok, PublicKey}} -> {ok, versions(Resource, PublicKey, <<"hexpm">>)};
        _ -> {skip, "hex.pm's own file is not at hand; the next row is about a made-up one"}
    end.

made_up(_) ->
    Releases = [version(N) || N <- lists:seq(1, ?RELEASES)],
    Packages = [#{name => iolist_to_binary(io_lib:format("package_~6..0b", [N])), versions => Releases,
                  retired => retired(N), with_advisories => []} || N <- lists:seq(1, ?PACKAGES)],
    {ok, Payload} = hexide_registry:encode(versions, #{repository => <<"bench">>, packages => Packages}),
    {ok, PrivateKey} = hexide_registry:generate_key(),
    {ok, PublicKey} = hexide_registry:public_key(PrivateKey),
    {ok, Resource} = hexide_registry:sign(Payload, PrivateKey),
    {ok, versions(Resource, PublicKey, <<"bench">>)}.

version(N) ->
    iolist_to_binary(io_lib:format("~b.~b.~b", [N div 5, N rem 5, N * 7 rem 11])).

%% One package in fifty has retired its first release.
retired(N) when N rem 50 =:= 0 -> [0];
retired(_) -> [].

versions(Resource, PublicKey, Repository) ->
    #{payload := Payload, signature := Signature} = r3_hex_registry:decode_signed(zlib:gunzip(Resource)),
    [Entry] = public_key:pem_decode(PublicKey),
    Key = public_key:pem_entry_decode(Entry),
    #{ours => fun(_) ->
                  {ok, Verified} = hexide_registry:verify(Resource, PublicKey),
                  {ok, #{packages := Packages}} = hexide_registry:decode(versions, Verified, {Repository, undefined}),
                  Packages
              end,
      theirs => fun(_) ->
                    Signed = zlib:gunzip(Resource),
                    {ok, Verified} = r3_hex_registry:decode_and_verify_signed(Signed, PublicKey),
                    {ok, Packages} = r3_hex_registry:decode_versions(Verified, Repository),
                    Packages
                end,
      same => fun(Ours, Theirs) -> [entry(Each) || Each <- Ours] =:= [entry(Each) || Each <- Theirs] end,
      floor => {"inflate, RSA verify",
                fun(_) ->
                    _ = zlib:gunzip(Resource),
                    true = public_key:verify(Payload, sha512, Signature, Key)
                end}}.

entry(#{name := Name, versions := Versions} = Package) ->
    {Name, Versions, maps:get(retired, Package, [])}.
