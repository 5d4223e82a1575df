%% @doc The same done for many things at once.
-module(hexide_parallel).

-export([map/3]).

%% @doc What `Do' makes of each item, in the order of the items, by up to that many processes. They live and die
%% with the caller, and tell no secret when they crash.
-spec map(fun((Item) -> Result), [Item], pos_integer()) -> [Result].
map(Do, Items, Width) ->
    Numbered = lists:zip(lists:seq(1, length(Items)), Items),
    Caller = self(),
    Work = fun(Share) -> hexide_exception:bare(fun() -> [{Number, Do(Item)} || {Number, Item} <- Share] end) end,
    Workers = [spawn_link(fun() -> Caller ! {self(), Work(Share)} end)
               || Worker <- lists:seq(0, Width - 1),
                  Share <- [[Each || {Number, _} = Each <- Numbered, Number rem Width =:= Worker]], Share =/= []],
    Done = lists:append([receive {Worker, Results} -> Results end || Worker <- Workers]),
    [Result || {_, Result} <- lists:keysort(1, Done)].
