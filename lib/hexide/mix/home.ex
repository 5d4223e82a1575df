defmodule Hexide.Mix.Home do
  @moduledoc false
  # The folder in which Mix's own client keeps what is a user's, and what stands in it.

  @doc "The folder: `HEX_HOME`, else as Mix has it."
  @spec path() :: Path.t()
  def path do
    cond do
      (home = System.get_env("HEX_HOME", "")) != "" -> Path.expand(home)
      System.get_env("MIX_XDG") in ["1", "true"] -> to_string(:filename.basedir(:user_config, "hex"))
      true -> Path.expand("~/.hex")
    end
  end

  @doc "Our file in it: logins, keys and settings. That of Mix's own client is its own."
  @spec user_file() :: Path.t()
  def user_file, do: Path.join(path(), "hexide.config")

  @doc "Our folder in the cache."
  @spec cache_dir() :: Path.t()
  def cache_dir, do: Path.join([path(), "cache", "hexide"])

  @doc """
  The repositories that `mix hex.repo add` and `mix hex.organization auth` have kept, by name.
  """
  @spec repositories() :: %{String.t() => %{optional(atom()) => String.t()}}
  def repositories do
    for {name, %{} = kept} <- entry("$repos", %{}), is_binary(name), into: %{} do
      {name, for({key, value} <- kept, is_atom(key), is_binary(value), into: %{}, do: {key, value})}
    end
  end

  @doc """
  The access token of somebody who has signed in with Mix's own client, while it lasts. It is not renewed here: that
  would take it away from the other.
  """
  @spec access_token() :: {:ok, String.t()} | :error
  def access_token do
    token = for {key, value} <- entry("$oauth_token", %{}), into: %{}, do: {name(key), value}

    with %{"access_token" => access, "expires_at" => ending} when is_binary(access) and is_integer(ending) <- token,
         true <- ending > System.os_time(:second) + 60 do
      {:ok, access}
    else
      _ -> :error
    end
  end

  defp entry(wanted, otherwise) do
    with {:ok, text} <- File.read(Path.join(path(), "hex.config")),
         {:ok, entries} <- :hexide_nif.term_read(text),
         [%{} = value | _] <- for({key, value} <- entries, name(key) == wanted, do: value) do
      value
    else
      _ -> otherwise
    end
  end

  # An atom that this node does not know is read as the text that it is.
  defp name({:"$atom", text}), do: text
  defp name(key) when is_atom(key), do: Atom.to_string(key)
  defp name(key), do: key
end
