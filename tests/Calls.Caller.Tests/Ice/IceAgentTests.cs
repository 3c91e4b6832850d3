using System.Net;
using Calls.Caller.Ice;
using Calls.Media.Ice;
using Calls.Media.Stun;

namespace Calls.Caller.Tests.Ice;

/// <summary>The controlling agent against the server's lite half, in virtual time.</summary>
public class IceAgentTests
{
    private static readonly IPEndPoint Near = IPEndPoint.Parse("127.0.0.1:7882");
    private static readonly IPEndPoint Far = IPEndPoint.Parse("192.0.2.1:7882");
    private static readonly NetworkPath Caller = new(
        TransportAddress.From(IPEndPoint.Parse("127.0.0.1:5000")),
        TransportAddress.From(Near)
    );

    private readonly Random _random = new(7);
    private readonly IceCredentials _client;
    private readonly IceCredentials _server;
    private readonly byte[] _check = new byte[StunMessage.MaxLength];
    private readonly byte[] _answer = new byte[StunMessage.MaxLength];
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    public IceAgentTests()
    {
        _client = IceCredentials.Create(_random.NextBytes);
        _server = IceCredentials.Create(_random.NextBytes);
    }

    [Fact]
    public void The_candidate_that_answers_is_nominated()
    {
        var agent = Agent(Far, Near);
        var results = Run(agent, TimeSpan.FromSeconds(1), reaches: Near);
        agent.Selected.ShouldBe(Near);
        results[0].ShouldBe(IceCheckResult.Valid);
        results[1].ShouldBe(IceCheckResult.Nominated);
    }

    [Fact]
    public void Checks_are_repeated_until_one_gets_through()
    {
        var agent = Agent(Near);
        Run(agent, TimeSpan.FromSeconds(20), reaches: Far);
        agent.Selected.ShouldBeNull();
        Run(agent, TimeSpan.FromSeconds(4), reaches: Near);
        agent.Selected.ShouldBe(Near);
    }

    [Fact]
    public void Consent_is_asked_for_every_few_seconds_and_only_on_the_nominated_pair()
    {
        var agent = Agent(Near, Far);
        Run(agent, TimeSpan.FromSeconds(1), reaches: Near);
        Run(agent, TimeSpan.FromSeconds(25), reaches: Near).Count.ShouldBeInRange(9, 11);
        agent.IsLost(_now).ShouldBeFalse();
    }

    [Fact]
    public void A_server_that_answers_no_more_is_lost_after_a_while()
    {
        var agent = Agent(Near);
        Run(agent, TimeSpan.FromSeconds(1), reaches: Near);
        Run(agent, IceAgent.ConsentTimeout - TimeSpan.FromSeconds(4), reaches: Far);
        agent.IsLost(_now).ShouldBeFalse();
        Run(agent, TimeSpan.FromSeconds(5), reaches: Far);
        agent.IsLost(_now).ShouldBeTrue();
    }

    [Fact]
    public void An_answer_that_is_forged_or_comes_from_elsewhere_nominates_nothing()
    {
        var agent = Agent(Near);
        agent.TryCheck(_now, _check, out var length, out _).ShouldBeTrue();
        StunMessage.TryParse(_check.AsSpan(0, length), out var check).ShouldBeTrue();
        var stranger = new StunKey("another password, long enough");
        var forged = StunWriter.WriteSuccess(_answer, check.TransactionId, Near, stranger);
        agent.Handle(_answer.AsSpan(0, forged), Near, _now, new byte[StunMessage.MaxLength]).ShouldBe(0);
        var right = StunWriter.WriteSuccess(_answer, check.TransactionId, Near, _server.Key);
        agent.Handle(_answer.AsSpan(0, right), Far, _now, new byte[StunMessage.MaxLength]).ShouldBe(0);
        agent.TryCheck(_now, _check, out _, out _).ShouldBeFalse();

        agent.Handle(_answer.AsSpan(0, right), Near, _now, new byte[StunMessage.MaxLength]);
        agent.TryCheck(_now, _check, out length, out _).ShouldBeTrue();
        StunMessage.TryParse(_check.AsSpan(0, length), out check).ShouldBeTrue();
        check.UseCandidate.ShouldBeTrue();
    }

    [Fact]
    public void A_change_of_address_is_told_at_once()
    {
        var agent = Agent(Near);
        Run(agent, TimeSpan.FromSeconds(1), reaches: Near);
        agent.TryCheck(_now, _check, out _, out _).ShouldBeFalse();
        agent.Renew(_now);
        Run(agent, TimeSpan.FromMilliseconds(10), reaches: Near).ShouldBe([IceCheckResult.Nominated]);
    }

    [Fact]
    public void A_check_of_the_servers_own_is_answered()
    {
        var agent = Agent(Near);
        var ask = new StunCheck($"{_client.Ufrag}:{_server.Ufrag}", 1, IsControlling: false, 1, UseCandidate: false);
        var length = StunWriter.WriteCheck(_check, new byte[12], ask, _client.Key);
        var answered = agent.Handle(_check.AsSpan(0, length), Near, _now, _answer);
        StunMessage.TryParse(_answer.AsSpan(0, answered), out var answer).ShouldBeTrue();
        answer.Class.ShouldBe(StunClass.Success);
        answer.VerifyIntegrity(_client.Key).ShouldBeTrue();
    }

    private IceAgent Agent(params IPEndPoint[] candidates) =>
        new(_client, _server.Ufrag, _server.Password, candidates, _random.NextBytes, _now);

    /// <summary>Lets time pass; checks to one address reach the server, whose answers reach the agent.</summary>
    private List<IceCheckResult> Run(IceAgent agent, TimeSpan time, IPEndPoint reaches)
    {
        var results = new List<IceCheckResult>();
        for (var end = _now + time; _now < end; _now += TimeSpan.FromMilliseconds(5))
        {
            while (agent.TryCheck(_now, _check, out var length, out var to))
            {
                if (!to!.Equals(reaches))
                {
                    continue;
                }

                results.Add(IceLite.Answer(_check.AsSpan(0, length), _server, Caller, _answer, out var answered));
                agent.Handle(_answer.AsSpan(0, answered), to, _now, new byte[StunMessage.MaxLength]).ShouldBe(0);
            }
        }

        return results;
    }
}
