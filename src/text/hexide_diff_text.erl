%% @doc Packages that were fetched or compared, as text for people. Pure: a map in, text out.
-module(hexide_diff_text).

-export([package/1]).

%% @doc What `package' answers.
-spec package(map()) -> hexide_layout:document().
package(#{fetched := #{name := Name, version := Version, path := Path, size := Size, checksum := Checksum}}) ->
    [Name, " ", Version, " (", hexide_table:size(Size), ") is in ", Path, "\n  checksum ", Checksum, "\n"];
package(#{diff := #{name := Name, from := From, to := To, metadata := [], files := []}}) ->
    [Name, " ", From, " and ", To, " hold the same.\n"];
package(#{diff := #{metadata := Metadata, files := Files}}) ->
    [[metadata(Change) || Change <- Metadata], files(Files), total(Files)].

metadata(#{key := Key, from := Old, to := New}) ->
    [{bold, ["metadata ", text(Key)]}, "\n", [[{red, ["- ", Old]}, "\n"] || Old =/= undefined],
     [[{green, ["+ ", New]}, "\n"] || New =/= undefined]].

text(Key) when is_atom(Key) -> atom_to_list(Key);
text(Key) -> Key.

%% Without hunks it is the count that was asked for.
files([#{hunks := _} | _] = Files) ->
    [file(File) || File <- Files];
files(Files) ->
    hexide_table:rows([[[" ", Path], counts(File)] || #{path := Path} = File <- Files]).

counts(#{change := Change, binary := true} = File) -> [atom_to_list(Change), ", binary", mode(File)];
counts(#{change := Change, added := Added, removed := Removed} = File) ->
    [atom_to_list(Change), ", +", integer_to_list(Added), " -", integer_to_list(Removed), mode(File)].

mode(#{mode := #{from := From, to := To}}) -> [", mode ", From, " to ", To];
mode(_) -> "".

file(#{path := Path, change := Change} = File) ->
    {Old, New} = case Change of
                     added -> {"/dev/null", ["b/", Path]};
                     removed -> {["a/", Path], "/dev/null"};
                     changed -> {["a/", Path], ["b/", Path]}
                 end,
    [["mode of ", Path, [" is ", To, ", was ", From], "\n"] || #{mode := #{from := From, to := To}} <- [File]]
        ++ hunks(File, Old, New).

hunks(#{binary := true}, Old, New) ->
    ["Binary files ", Old, " and ", New, " differ\n"];
hunks(#{hunks := []}, _, _) ->
    [];
hunks(#{hunks := Hunks}, Old, New) ->
    [{bold, ["--- ", Old]}, "\n", {bold, ["+++ ", New]}, "\n" | [hunk(Hunk) || Hunk <- Hunks]].

hunk(#{old_start := OldStart, old_lines := OldLines, new_start := NewStart, new_lines := NewLines, edits := Edits}) ->
    ["@@ -", range(OldStart, OldLines), " +", range(NewStart, NewLines), " @@\n",
     [line(Op, Line) || #{op := Op, line := Line} <- Edits]].

range(Start, 1) -> integer_to_list(Start);
range(Start, Lines) -> [integer_to_list(Start), ",", integer_to_list(Lines)].

line(Op, Line) ->
    {Text, End} = ended(Line),
    [signed(Op, Text), End].

signed(keep, Text) -> [" ", Text];
signed(drop, Text) -> {red, ["-", Text]};
signed(add, Text) -> {green, ["+", Text]}.

ended(Line) ->
    case string:split(Line, "\n", trailing) of
        [Text, <<>>] -> {Text, "\n"};
        _ -> {Line, "\n\\ No newline at end of file\n"}
    end.

total(Files) ->
    Sum = fun(Key) -> integer_to_list(lists:sum([maps:get(Key, File) || File <- Files])) end,
    [integer_to_list(length(Files)), " files changed, ", Sum(added), " lines added, ", Sum(removed), " removed\n"].
