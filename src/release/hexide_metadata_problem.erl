%% @doc What stands against publishing a package because of what it says about itself.
-module(hexide_metadata_problem).

-export([find/2, of_app/2, weigh/3, failure/1]).

%% What only public packages must have: private ones tell no strangers what they are and how to use them.
-define(PUBLIC, [<<"description">>, <<"licenses">>]).

%% @doc What the rules of registries say about a tarball, each as a failure with `app' and `key'.
-spec find(binary(), binary()) -> {ok, [hexide_failure:failure()]} | {error, hexide_failure:failure()}.
find(App, Tarball) ->
    case hexide_tarball:metadata(Tarball, #{tarball_max_size => infinity, tarball_max_uncompressed_size => infinity}) of
        {ok, #{problems := Problems}} ->
            {ok, [{code(Field), #{app => App, key => Field, message => <<Field/binary, " ", Message/binary>>}}
                  || #{field := Field, message := Message} <- Problems]};
        {error, _} = Error -> Error
    end.

code(<<"version">>) -> bad_version;
code(_) -> bad_metadata.

%% @doc A failure as one of that app.
-spec of_app(binary(), hexide_failure:failure()) -> hexide_failure:failure().
of_app(App, {Code, Details}) ->
    {Code, Details#{app => App}}.

%% @doc Which problems forbid to publish there, and which are only worth a warning. `Found' are those of the
%% rules; what could not even be read (`Unread') is not reported as missing, too.
-spec weigh(hexide_build:demands(), [hexide_failure:failure()], [hexide_failure:failure()]) ->
          {[hexide_failure:failure()], [hexide_warning:warning()]}.
weigh(Demands, Unread, Found) ->
    Known = lists:append([covered(Key) || {_, #{key := Key}} <- Unread]),
    New = [Problem || {_, #{key := Key}} = Problem <- Found, not lists:member(Key, Known)],
    {OfPublic, OfAll} = lists:partition(fun({_, #{key := Key}}) -> lists:member(Key, ?PUBLIC) end, New),
    case Demands of
        public -> {Unread ++ New, []};
        private -> {Unread ++ OfAll, []};
        undecided -> {Unread ++ OfAll, [warning(Problem) || Problem <- OfPublic]}
    end.

%% Where files cannot be chosen, there are none.
covered(<<"exclude_patterns">>) -> [<<"exclude_patterns">>, <<"files">>];
covered(Key) -> [Key].

warning({_, #{key := Key, message := Message}}) ->
    #{kind => metadata, key => Key, message => <<Message/binary, ", which stands against making it public">>}.

%% @doc One failure for all of them, which lists each with app and key.
-spec failure([hexide_failure:failure(), ...]) -> hexide_failure:failure().
failure([{Code, #{app := App, message := Message} = Details} = Problem]) ->
    {Code, Details#{message := <<App/binary, ": ", Message/binary>>, problems => [listed(Problem)]}};
failure(Problems) ->
    Lines = [["\n  ", App, ": ", Message] || {_, #{app := App, message := Message}} <- Problems],
    {bad_metadata, #{message => iolist_to_binary([integer_to_list(length(Problems)),
                                                  " problems stand against publishing:", Lines, "\n"]),
                     problems => [listed(Problem) || Problem <- Problems]}}.

listed({Code, #{app := App, message := Message} = Details}) ->
    #{code => Code, app => App, key => maps:get(key, Details, undefined), message => Message}.
