%% The reference implementation that rebar3 carries (`r3_*'), for comparing with.
-module(reference).

-export([load/0]).

%% Loads it out of rebar3's archive. When rebar3 runs the tests it is there already.
load() ->
    case code:ensure_loaded(r3_hex_tarball) of
        {module, _} -> true;
        {error, _} ->
            {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
            {archive, Archive} = lists:keyfind(archive, 1, Sections),
            Wanted = fun({zip_file, Name, _, _, _, _}) -> string:prefix(Name, "rebar/ebin/r3_") =/= nomatch;
                        (_) -> false
                     end,
            {ok, Files} = zip:unzip(Archive, [memory, {file_filter, Wanted}]),
            [{module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Beam)
             || {Name, Beam} <- Files],
            true
    end.
