using Calls.Fuzz;

return FuzzProgram.Run(args, Console.Out, Console.Error);
