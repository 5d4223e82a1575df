defmodule Hexide.Mix.Repositories do
  @moduledoc false
  # The repositories that a command can mean: those of the project (`hexide: [repos: [...]]` in mix.exs), those of the
  # user, and hex.pm unless `hexide: [hexpm: false]`. A project's own come first, so that code of a company does not go
  # public by accident.

  alias Hexide.Mix.Home

  @hexpm "hexpm"

  @doc "What `hexide_repositories` is to know."
  @spec known() :: {:ok, map()} | {:error, :hexide_failure.failure()}
  def known do
    with {:ok, projects, hexpm} <- of_project() do
      others = of_user() ++ kept_by_mix() ++ hexpm
      named = Enum.map(projects, & &1.name)

      {:ok,
       %{
         repositories: projects ++ Enum.reject(others, &(&1.name in named)),
         project: fn repo, _content -> settings(repo) end,
         defaults: &defaults/2
       }}
    end
  end

  defp hexpm do
    %{name: @hexpm, api_url: :hexide_config.default(:api_url), repo_url: :hexide_config.default(:repo_url)}
  end

  # What is the default anyway is not said to be the project's.
  defp settings(repo) do
    own =
      for {key, value} <- repo, {key, value} not in hexpm(), key not in [:parent, :user], into: %{}, do: {key, value}

    case repo do
      %{user: true} -> Map.take(own, [:repo_name])
      %{parent: parent} -> Map.put(own, :repo_name, parent)
      %{} -> own
    end
  end

  # --- the project

  defp of_project do
    config = if Mix.Project.get(), do: Mix.Project.config()[:hexide] || [], else: []

    with true <- Keyword.keyword?(config),
         {repos, hexpm} when is_list(repos) and is_boolean(hexpm) <- {config[:repos] || [], config[:hexpm] != false},
         {:ok, repos} <- read(repos, []) do
      {:ok, repos, if(hexpm, do: [hexpm()], else: [])}
    else
      _ -> {:error, malformed()}
    end
  end

  defp read([], done), do: {:ok, Enum.reverse(done)}

  defp read([repo | rest], done) do
    with true <- is_map(repo) or Keyword.keyword?(repo),
         %{name: name} = repo when is_binary(name) or is_atom(name) <- Map.new(repo),
         true <- Enum.all?(repo, fn {key, _} -> is_atom(key) end) do
      name = to_string(name)
      # Its index is signed in its own name.
      read(rest, [repo |> Map.put(:name, name) |> Map.put_new(:repo_name, name) |> with_addresses(name) | done])
    else
      _ -> :error
    end
  end

  defp with_addresses(repo, @hexpm), do: Map.merge(hexpm(), repo)
  defp with_addresses(repo, _), do: repo

  defp malformed do
    :hexide_failure.failed(
      ~s(`hexide:` in project/0 of mix.exs must be a keyword list, such as hexide: [repos: [[name: "acme", ) <>
        ~s(api_url: "https://hex.example.com/api", repo_url: "https://hex.example.com/repo", repo_public_key: "..."]]])
    )
  end

  # --- the user

  defp of_user do
    case :hexide_user_file.read(Home.user_file()) do
      {:ok, content} ->
        for {name, %{} = section} <- content,
            is_binary(name),
            not String.starts_with?(name, "$"),
            name != @hexpm,
            Map.has_key?(section, :api_url) or Map.has_key?(section, :repo_url) do
          section
          |> Map.take([:api_url, :repo_url, :repo_public_key])
          |> Map.merge(%{name: name, repo_name: name, user: true})
        end

      {:error, _} ->
        []
    end
  end

  # Those that have an address; hex.pm is there anyway, and its organizations belong to it.
  defp kept_by_mix do
    for {name, %{url: url} = kept} <- Home.repositories(), hd(String.split(name, ":")) != @hexpm do
      kept
      |> Map.take([:auth_key, :public_key])
      |> Map.new(fn
        {:auth_key, key} -> {:repo_key, fn -> key end}
        {:public_key, key} -> {:repo_public_key, key}
      end)
      |> Map.merge(%{name: name, repo_name: name, repo_url: url})
    end
  end

  # --- defaults

  defp defaults(:none, _content), do: %{cache_dir: Home.cache_dir()}

  defp defaults(%{name: name} = repo, content) do
    :none |> defaults(content) |> Map.merge(reading(name)) |> Map.merge(signed_in(repo, content))
  end

  defp reading(name) do
    case Home.repositories() do
      %{^name => %{auth_key: key}} -> %{repo_key: fn -> key end}
      %{} -> %{}
    end
  end

  # Who has signed in with Mix's own client is known to hex.pm, and to no other address that is called so.
  defp signed_in(%{name: name, api_url: address}, content) do
    built_in = :hexide_config.default(:api_url)

    with @hexpm <- hd(String.split(name, ":")),
         true <- address == built_in and System.get_env("HEX_API_URL", "") == "",
         false <- match?(%{api_url: _}, :hexide_config.for_repository(content, name)),
         :none <- :hexide_credentials.find(content, name, built_in),
         {:ok, token} <- Home.access_token() do
      %{api_key: fn -> "Bearer " <> token end}
    else
      _ -> %{}
    end
  end

  defp signed_in(_repo, _content), do: %{}
end
