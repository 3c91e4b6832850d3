using Calls.LoadTest;

return await LoadTestProgram.Run(args, Console.Out, Console.Error, isTerminal: !Console.IsOutputRedirected);
