import BelayCLI

BelayCommandLine.main()
