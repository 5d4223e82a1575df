%% @doc Rows about what more of the same costs: as much as before, if the cost is to grow with the work alone.
-module(hexide_bench_growth).

-export([rows/0]).

-define(RELEASES, 10).
%% How much more one may cost among many than among few.
-define(MOST, 1.3).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "unpack, as packages grow", unit => ms, per => "MB", sizes => [4, 8, 14], limit => ?MOST,
       open => fun(_, Size) -> hexide_bench_tarball:unpacking(Size) end},
     #{name => "versions, as the index grows", unit => ms, per => "packages", sizes => [5_000, 10_000, 20_000],
       limit => ?MOST, open => fun(_, Packages) -> versions(Packages) end},
     #{name => "fetch, as packages are more", unit => ms, per => "packages", sizes => [30, 100, 300], limit => ?MOST,
       open => fun hexide_bench_fetch:fetching/2}].

versions(Count) ->
    Releases = [iolist_to_binary(io_lib:format("~b.~b.0", [N div 4, N rem 4])) || N <- lists:seq(1, ?RELEASES)],
    Packages = [#{name => iolist_to_binary(io_lib:format("package_~6..0b", [N])), versions => Releases,
                  retired => [], with_advisories => []} || N <- lists:seq(1, Count)],
    {ok, Payload} = hexide_registry:encode(versions, #{repository => <<"bench">>, packages => Packages}),
    {ok, PrivateKey} = hexide_registry:generate_key(),
    {ok, PublicKey} = hexide_registry:public_key(PrivateKey),
    {ok, Resource} = hexide_registry:sign(Payload, PrivateKey),
    {ok, #{ours => fun(_) ->
                       {ok, #{packages := Found}} =
                           hexide_registry:read(versions, Resource, PublicKey, {<<"bench">>, undefined}),
                       Found
                   end,
           theirs => fun(_) ->
                         {ok, Verified} =
                             r3_hex_registry:decode_and_verify_signed(zlib:gunzip(Resource), PublicKey),
                         {ok, Found} = r3_hex_registry:decode_versions(Verified, <<"bench">>),
                         Found
                     end,
           same => fun(Ours, Theirs) -> named(Ours) =:= named(Theirs) end}}.

named(Packages) ->
    [{Name, Versions} || #{name := Name, versions := Versions} <- Packages].
