%% Every event of every log of this node, formatted in full.
-module(every_log).

-export([start/0, stop/0, take/0, log/2]).

%% The table belongs to a process of its own: whoever sets a suite up ends before its cases begin.
start() ->
    Parent = self(),
    Owner = spawn(fun() ->
                      ?MODULE = ets:new(?MODULE, [named_table, public, ordered_set]),
                      Parent ! {self(), ready},
                      receive stop -> ok end
                  end),
    receive {Owner, ready} -> ok end,
    true = register(?MODULE, Owner),
    %% Also what is told of supervisors and of applications that start; the screen needs none of it.
    ok = logger:set_handler_config(default, level, none),
    ok = logger:set_primary_config(level, all),
    logger:add_handler(?MODULE, ?MODULE, #{level => all, filter_default => log}).

stop() ->
    ok = logger:remove_handler(?MODULE),
    ok = logger:set_primary_config(level, notice),
    ok = logger:set_handler_config(default, level, all),
    ?MODULE ! stop,
    ok.

%% What was logged since it was last taken.
take() ->
    [begin
         true = ets:delete(?MODULE, Key),
         Text
     end || {Key, Text} <- ets:tab2list(?MODULE)].

%% In the process that logs, so that nothing of what it says arrives too late.
log(Event, _) ->
    Whole = #{depth => unlimited, max_size => unlimited, chars_limit => unlimited, single_line => false},
    Text = [logger_formatter:format(Event, Whole), secret_marks:terms(Event)],
    true = ets:insert(?MODULE, {erlang:unique_integer([monotonic]), Text}).
