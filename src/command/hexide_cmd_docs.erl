%% @doc `docs': the documentation of a version that is published already.
-module(hexide_cmd_docs).

-export([run/2]).

%% @doc Answers as `publish docs' does.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := []} = Options) ->
    hexide_cmd_publish:run(Context, Options#{args := [<<"docs">>]});
run(_, #{args := [Arg | _]}) ->
    {error, hexide_failure:usage(<<"docs">>, ["`", Arg, "` means nothing here"])}.
