import BelayCLI
BelayCommandLine.main()
