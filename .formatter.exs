[
  inputs: ["{mix,.formatter}.exs", "lib/**/*.ex", "test/elixir/**/*.{ex,exs}"],
  line_length: 120
]
