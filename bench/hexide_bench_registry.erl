%% @doc Rows about the signed index: verify a resource and read it into terms.
-module(hexide_bench_registry).

-export([rows/0]).

-define(PACKAGES, 20_000).
-define(RELEASES, 10).
-define(WANTED, 20).
-define(TOGETHER, 100).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "versions of hex.pm: verify, to terms", unit => ms, limit => 3.5, open => fun hexpm/1},
     #{name => "versions of hex.pm, 20 packages of it", unit => ms, limit => 5, open => fun few/1},
     #{name => "versions, made up, 20,000 x 10", unit => ms, limit => 3, open => fun made_up/1},
     #{name => "package, made up, 100 releases", unit => us, limit => 1.5, open => fun package/1},
     #{name => "100 such packages in one call", unit => ms, limit => 2.5, open => fun packages/1}].

%% The genuine file is no part of the project; the made-up one stands for it elsewhere.
hexpm(_) ->
    Data = filename:join(["..", "shared", "hexpm-data"]),
    case {file:read_file(filename:join(Data, "versions")), file:read_file(filename:join(Data, "public_key"))} of
        {{ok, Resource}, {ok, PublicKey}} -> {ok, versions(Resource, PublicKey, <<"hexpm">>)};
        _ -> {skip, "hex.pm's own file is not at hand; the next row is about a made-up one"}
    end.

%% The packages that a project locks. The reference has no way to ask for them alone.
few(Folder) ->
    case hexpm(Folder) of
        {ok, #{ours := All, theirs := Theirs} = Row} ->
            Names = [Name || {Index, #{name := Name}} <- lists:enumerate(All(undefined)), Index rem 500 =:= 1],
            Wanted = maps:from_keys(lists:sublist(Names, ?WANTED), true),
            #{resource := Resource, public_key := PublicKey} = Row,
            {ok, Row#{ours := fun(_) ->
                                  {ok, #{packages := Packages}} =
                                      hexide_registry:read(versions, Resource, PublicKey, {<<"hexpm">>, undefined},
                                                           #{only => maps:keys(Wanted)}),
                                  Packages
                          end,
                      theirs := fun(Input) -> [Each || #{name := Name} = Each <- Theirs(Input), is_map_key(Name, Wanted)] end}};
        Skipped -> Skipped
    end.

package(_) ->
    Checksum = binary:copy(<<"0123456789abcdef">>, 4),
    Dependencies = [#{package => Name, requirement => <<"~> 1.0">>, optional => false, app => undefined,
                      repository => undefined} || Name <- [<<"first">>, <<"second">>, <<"third">>, <<"fourth">>]],
    Releases = [#{version => version(N), inner_checksum => Checksum, outer_checksum => Checksum,
                  dependencies => Dependencies, retired => undefined, advisory_indexes => [],
                  published_at => <<"2026-01-01T00:00:00Z">>} || N <- lists:seq(1, 100)],
    {ok, Payload} = hexide_registry:encode(package, #{repository => <<"bench">>, name => <<"package">>,
                                                      releases => Releases, advisories => []}),
    {Resource, PublicKey} = signed(Payload),
    Origin = {<<"bench">>, <<"package">>},
    Row = versions(Resource, PublicKey, <<"bench">>),
    {ok, Row#{ours := fun(_) ->
                          {ok, Found} = hexide_registry:read(package, Resource, PublicKey, Origin),
                          Found
                  end,
              theirs := fun(_) -> reference_package(Resource, PublicKey) end,
              same := fun(#{releases := Ours}, Theirs) -> [release(Each) || Each <- Ours] =:= reference_releases(Theirs) end}}.

%% A hundred times the same one: what is read is the same work as of a hundred different ones.
packages(Folder) ->
    {ok, #{resource := Resource, public_key := PublicKey, floor := {What, Floor}, same := Same} = Row} = package(Folder),
    Times = lists:seq(1, ?TOGETHER),
    Resources = [{Resource, {<<"bench">>, <<"package">>}} || _ <- Times],
    {ok, Row#{ours := fun(_) ->
                          {ok, Found} = hexide_registry:read_many(package, Resources, PublicKey),
                          Found
                  end,
              theirs := fun(_) -> [reference_package(Resource, PublicKey) || _ <- Times] end,
              same := fun(Ours, Theirs) ->
                          lists:all(fun({{ok, One}, Other}) -> Same(One, Other) end, lists:zip(Ours, Theirs))
                      end,
              floor := {What, fun(Input) -> [Floor(Input) || _ <- Times] end}}}.

reference_package(Resource, PublicKey) ->
    Signed = zlib:gunzip(Resource),
    {ok, Verified} = r3_hex_registry:decode_and_verify_signed(Signed, PublicKey),
    {ok, Found} = r3_hex_registry:decode_package(Verified, <<"bench">>, <<"package">>),
    Found.

release(#{version := Version, inner_checksum := Inner, outer_checksum := Outer, dependencies := Dependencies}) ->
    {Version, Inner, Outer, [{Name, Requirement} || #{package := Name, requirement := Requirement} <- Dependencies]}.

%% Older versions of the reference give the releases alone, newer ones what else there is of the package too.
reference_releases(#{releases := Releases}) ->
    reference_releases(Releases);
reference_releases(Releases) ->
    [release(Each#{inner_checksum := hex(Inner), outer_checksum := hex(Outer)})
     || #{inner_checksum := Inner, outer_checksum := Outer} = Each <- Releases].

hex(Bytes) ->
    string:lowercase(binary:encode_hex(Bytes)).

made_up(_) ->
    Releases = [version(N) || N <- lists:seq(1, ?RELEASES)],
    Packages = [#{name => iolist_to_binary(io_lib:format("package_~6..0b", [N])), versions => Releases,
                  retired => retired(N), with_advisories => []} || N <- lists:seq(1, ?PACKAGES)],
    {ok, Payload} = hexide_registry:encode(versions, #{repository => <<"bench">>, packages => Packages}),
    {Resource, PublicKey} = signed(Payload),
    {ok, versions(Resource, PublicKey, <<"bench">>)}.

signed(Payload) ->
    {ok, PrivateKey} = hexide_registry:generate_key(),
    {ok, PublicKey} = hexide_registry:public_key(PrivateKey),
    {ok, Resource} = hexide_registry:sign(Payload, PrivateKey),
    {Resource, PublicKey}.

version(N) ->
    iolist_to_binary(io_lib:format("~b.~b.~b", [N div 5, N rem 5, N * 7 rem 11])).

%% One package in fifty has retired its first release.
retired(N) when N rem 50 =:= 0 -> [0];
retired(_) -> [].

versions(Resource, PublicKey, Repository) ->
    #{payload := Payload, signature := Signature} = r3_hex_registry:decode_signed(zlib:gunzip(Resource)),
    [Entry] = public_key:pem_decode(PublicKey),
    Key = public_key:pem_entry_decode(Entry),
    #{resource => Resource, public_key => PublicKey,
      ours => fun(_) ->
                  {ok, #{packages := Packages}} =
                      hexide_registry:read(versions, Resource, PublicKey, {Repository, undefined}),
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
