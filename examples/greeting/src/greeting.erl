%% @doc Greetings in several languages, fitting the time of day.
%%
%% ```
%% 1> greeting:greet(<<"Ada">>, en, morning).
%% {ok, <<"Good morning, Ada!">>}
%% 2> greeting:greet(<<"Ada">>, de, greeting:part_of_day(20)).
%% {ok, <<"Guten Abend, Ada!">>}
%% '''
-module(greeting).

-export([greet/3, languages/0, language/1, part_of_day/1]).

-export_type([language/0, part_of_day/0]).

-type language() :: de | en | es | fr | sv.
%% A language by its two-letter code.

-type part_of_day() :: morning | day | evening.
%% What people distinguish when they greet.

%% @doc Greets somebody by name. A name that is empty, or blank, cannot be greeted.
-spec greet(unicode:chardata(), language(), part_of_day()) -> {ok, binary()} | {error, no_name}.
greet(Name, Language, Part) ->
    case string:trim(Name) of
        [] -> {error, no_name};
        <<>> -> {error, no_name};
        Trimmed -> {ok, unicode:characters_to_binary([phrase(Language, Part), ", ", Trimmed, ending(Language)])}
    end.

%% @doc The languages that there are greetings in.
-spec languages() -> [language(), ...].
languages() ->
    [de, en, es, fr, sv].

%% @doc The language of a two-letter code, such as one that a person typed.
-spec language(unicode:chardata()) -> {ok, language()} | error.
language(Code) ->
    Text = unicode:characters_to_list(string:lowercase(Code)),
    case [Language || Language <- languages(), atom_to_list(Language) =:= Text] of
        [Language] -> {ok, Language};
        [] -> error
    end.

%% @doc The part of the day that an hour belongs to, from 0 to 23.
-spec part_of_day(0..23) -> part_of_day().
part_of_day(Hour) when Hour >= 5, Hour < 11 -> morning;
part_of_day(Hour) when Hour >= 11, Hour < 18 -> day;
part_of_day(Hour) when Hour >= 0, Hour < 24 -> evening.

phrase(de, morning) -> "Guten Morgen";
phrase(de, day) -> "Guten Tag";
phrase(de, evening) -> "Guten Abend";
phrase(en, morning) -> "Good morning";
phrase(en, day) -> "Good day";
phrase(en, evening) -> "Good evening";
phrase(es, morning) -> [$\x{a1}, "Buenos d\x{ed}as"];
phrase(es, day) -> [$\x{a1}, "Buenas tardes"];
phrase(es, evening) -> [$\x{a1}, "Buenas noches"];
phrase(fr, evening) -> "Bonsoir";
phrase(fr, _) -> "Bonjour";
phrase(sv, morning) -> "God morgon";
phrase(sv, day) -> "God dag";
phrase(sv, evening) -> "God kv\x{e4}ll".

%% French sets a space, one that does not break, before the mark.
ending(fr) -> [16#202f, "!"];
ending(_) -> "!".
