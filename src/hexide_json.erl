%% @doc JSON, for the doors.
-module(hexide_json).

-export([encode/1]).

%% @doc A term of the API as indented JSON. Maps, lists, binaries, numbers, `true' and `false' are what
%% they are; `undefined' is null, other atoms are text. A term without a JSON form (a tuple, a pid) is
%% the caller's bug: `badarg'.
-spec encode(term()) -> binary().
encode(Term) ->
    %% An answer may hold a new key.
    hexide_exception:bare(fun() -> hexide_nif:json_encode(Term) end).
