"""What does a step of training cost on several processes and hosts?"""
